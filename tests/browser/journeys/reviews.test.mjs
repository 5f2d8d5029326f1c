// Access reviews: one of the demo looked at, another opened, decided on line by line and at once, and closed; with a script and without.

import { test } from "node:test";
import { inspect } from "../checks.mjs";
import { TestApp } from "../app.mjs";

for (const javaScriptEnabled of [true, false]) {
  test(`an access review ${javaScriptEnabled ? "with" : "without"} a script`, () =>
    TestApp.full(async (app) => {
      const ada = await app.signedIn({ javaScriptEnabled });
      const { home, page } = ada;
      const look = javaScriptEnabled ? inspect : async () => {};
      await ada.goes(`${home}/access-reviews`);
      await ada.sees("Billing, this quarter");
      await look(ada, "reviews");
      await page.getByRole("link", { name: "Administrators, last year" }).click();
      await ada.sees("On call.");
      await look(ada, "review-closed");
      await ada.goes(`${home}/access-reviews`);
      await page.getByRole("link", { name: "Billing, this quarter" }).click();
      await ada.sees("lines are decided");
      await look(ada, "review-open");

      await ada.goes(`${home}/access-reviews/new`);
      await look(ada, "review-form");
      await page.getByLabel("Name", { exact: true }).fill("Billing, spring");
      await page.getByLabel("What is reviewed").selectOption({ label: "Billing" });
      await page.getByLabel("People whom you choose").check();
      await page.getByLabel(/^Chosen people/).fill("nobody@example.org");
      await page.getByLabel("Last day").fill(new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10));
      await page.getByLabel("removed", { exact: true }).check();
      await ada.presses("Open the review");
      await ada.sees("Nobody here has the address or username nobody@example.org");
      await look(ada, "review-form-refused");
      await page.getByLabel("The administrators of each member’s teams").check();
      await ada.presses("Open the review");
      await ada.sees("The review is open");
      await page.locator("td.pick input:enabled").first().check();
      await page.getByLabel("Reason").fill("Keeps the books");
      await look(ada, "review-ticked");
      await page.getByRole("button", { name: "Keep", exact: true }).click();
      await ada.sees("Keep: 1 line.");
      await ada.sees("Keeps the books");
      await page.getByRole("link", { name: /^Undecided/ }).click();
      await page.locator("td.pick input:enabled").first().check();
      await page.getByLabel(/^All .* undecided/).check();
      await page.getByRole("button", { name: "Remove", exact: true }).click();
      await ada.sees(/Remove: \d+ lines?\./);
      await page.getByRole("link", { name: "Close the review…" }).click();
      await ada.sees("removals begin at once, in your name");
      await look(ada, "review-closing");
      await page.getByRole("button", { name: "Close the review", exact: true }).click();
      await ada.sees("The review is closed");
    }));
}
