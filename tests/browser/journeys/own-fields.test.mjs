// Fields that an organization declares: declared, filled in on a profile, found by a filter, removed; with a script and without.

import { test } from "node:test";
import { inspect } from "../checks.mjs";
import { TestApp } from "../app.mjs";

for (const javaScriptEnabled of [true, false]) {
  test(`an organization declares a field ${javaScriptEnabled ? "with" : "without"} a script`, () =>
    TestApp.full(async (app) => {
      const ada = await app.signedIn({ javaScriptEnabled });
      const { home } = ada;
      // The inspector is a script itself.
      const look = javaScriptEnabled ? inspect : async () => {};
      await ada.goes(`${home}/settings/fields`);
      await ada.sees("Cost center");
      await look(ada, "own-fields");
      await ada.page.getByLabel("Name", { exact: true }).fill("Shirt size");
      await ada.page.getByLabel("Kind", { exact: true }).selectOption("choice");
      await ada.page.getByLabel(/^Choices/).fill("Small\nMedium\nLarge");
      await ada.presses("Declare Field");
      await ada.sees("shirt_size");

      await ada.goes(`${home}/users`);
      await ada.page.locator("td.c-name a").first().click();
      await ada.page.getByLabel("Shirt size").selectOption({ label: "Medium" });
      await look(ada, "own-fields-profile");
      await ada.presses("Save");
      await ada.sees("The details are saved.");
      const profile = new URL(ada.page.url()).pathname;

      await ada.goes(`${home}/users/filters/fields`);
      await ada.sees("Shirt size");
      await look(ada, "own-fields-filter");
      await ada.goes(`${home}/users?field=shirt_size:is:medium`);
      await ada.sees("Medium");
      await look(ada, "own-fields-found");
      await ada.page.locator(`a[href$="${profile.split("/").pop()}"]`).first().waitFor();

      await ada.goes(`${home}/settings/fields`);
      await ada.page.getByRole("button", { name: "Actions for Shirt size" }).click();
      await ada.page.getByRole("link", { name: "Edit", exact: true }).last().click();
      await ada.sees("These three stay as they were declared");
      await look(ada, "own-field");
      await ada.goes(`${home}/settings/fields`);
      await ada.page.getByRole("button", { name: "Actions for Shirt size" }).click();
      await ada.page.getByRole("link", { name: "Remove…" }).last().click();
      await ada.sees("One member has a value, which is lost for good.");
      await look(ada, "own-field-removal");
    }));
}
