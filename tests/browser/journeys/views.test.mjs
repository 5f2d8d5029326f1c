// The columns of a list, and saved views: chosen, moved, named, shared, shown first, updated and deleted; with a script and without.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "../checks.mjs";
import { TestApp } from "../app.mjs";

for (const javaScriptEnabled of [true, false]) {
  test(`columns and views ${javaScriptEnabled ? "with" : "without"} a script`, () =>
    TestApp.full(async (app) => {
      const ada = await app.signedIn({ javaScriptEnabled });
      const users = `${ada.home}/users`;
      const { page } = ada;
      const look = javaScriptEnabled ? inspect : async () => {};
      const heads = async () => (await page.locator("table.people thead th").allInnerTexts()).map((text) => text.trim()).filter((text) => text && text !== "Actions");
      const views = () => page.getByRole("button", { name: /^View:/ });

      await ada.goes(`${users}?tab=active`);
      await page.getByRole("link", { name: "Columns…" }).click();
      await page.getByRole("heading", { name: "Columns" }).waitFor();
      await look(ada, "columns");
      await page.getByLabel("Email", { exact: true }).check();
      await page.getByLabel("Two-step", { exact: true }).check();
      await page.getByLabel("Teams", { exact: true }).uncheck();
      const order = () => page.locator("input[name=order]").evaluateAll((inputs) => inputs.map((input) => input.value));
      await page.getByRole("button", { name: "Move Last sign-in up" }).click();
      await page.waitForFunction(() => document.querySelectorAll("input[name=order]")[0] !== undefined);
      assert.ok((await order()).indexOf("last_sign_in") < (await order()).indexOf("provider"), (await order()).join(" "));
      await ada.presses("Show these columns");
      await ada.sees("The list shows these columns to you from now on.");
      assert.deepEqual((await heads()).filter((head) => ["Roles", "Last sign-in", "Email", "Two-step", "Teams"].includes(head)), ["Roles", "Last sign-in", "Email", "Two-step"]);
      await look(ada, "chosen-columns");

      await ada.goes(`${users}?tab=active&seen=never`);
      await views().click();
      await look(ada, "views-menu");
      if (javaScriptEnabled) await views().click({ force: true });
      const open = async (name) => {
        if (!(await page.locator("#views").isVisible())) await views().click();
        await page.locator("#views").getByRole(name === "Delete" || /first/.test(name) ? "button" : "link", { name }).click();
      };
      await open("Save as a view…");
      await page.getByLabel("Name", { exact: true }).fill("Not here yet");
      await page.getByLabel(/^Share it/).check();
      await look(ada, "view-form");
      await ada.presses("Save the view");
      await ada.sees("The view is saved.");
      assert.match(await views().innerText(), /Not here yet/);
      await look(ada, "view");
      await page.goto(`${users}?tab=active&seen=30&view=${ada.query.get("view")}`);
      await ada.sees("changed");
      await look(ada, "view-changed");
      await ada.presses("Update the view");
      await ada.sees("The view is saved.");
      assert.equal(ada.query.get("seen"), "30");
      await open("Show it to me first");
      await ada.sees("from now on");
      await page.goto(users);
      assert.match(await views().innerText(), /Not here yet/);
      await open("Plain list");
      await page.waitForURL((url) => url.searchParams.get("view") === "none");
      assert.match(await views().innerText(), /Plain list/);
      await open("All views");
      await ada.sees("shown to you first");
      await look(ada, "views");
      await page.getByRole("link", { name: "Delete Not here yet" }).click();
      await ada.sees("Nobody will have it any more");
      await look(ada, "view-deletion");
      await ada.presses("Delete the view");
      await ada.sees("The view Not here yet is deleted.");

      await ada.goes(`${ada.home}/system-accounts`);
      await open("Unused for 90 days");
      await page.waitForURL((url) => url.searchParams.get("seen") === "90");
      assert.deepEqual((await heads())[0], "Name");
      await look(ada, "view-of-system-accounts");
    }));
}
