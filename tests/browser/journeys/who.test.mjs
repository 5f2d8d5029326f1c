// Who may do what: asked by a permission and by a resource, from a role and from a policy; with a script and without.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "../checks.mjs";
import { TestApp } from "../app.mjs";

for (const javaScriptEnabled of [true, false]) {
  test(`who may do what ${javaScriptEnabled ? "with" : "without"} a script`, () =>
    TestApp.full(async (app) => {
      const ada = await app.signedIn({ javaScriptEnabled });
      const { page } = ada;
      const look = javaScriptEnabled ? inspect : async () => {};
      await ada.goes(`${ada.home}/roles`);
      await page.getByRole("link", { name: "Who may do what" }).click();
      await ada.sees("with every role, team and policy that allows it");
      await look(ada, "who-unasked");
      await page.getByLabel("Permission").selectOption("audit:read:*");
      await ada.presses("Show who has it");
      await ada.sees("The role Administrator allows *:*:*.");
      await look(ada, "who-permission");
      await page.getByLabel("Resource").selectOption("invoice:read");
      await ada.presses("Show who may");
      await ada.sees(/The policy All invoices, to read/);
      await look(ada, "who-resource");
      await page.getByRole("link", { name: "Next" }).click();
      await ada.lands(/after=/);
      assert.ok((await page.locator("table.who tbody tr").count()) > 0);
      await ada.goes(`${ada.home}/roles`);
      await page.getByRole("link", { name: "Billing", exact: true }).click();
      await page.getByRole("link", { name: "invoice:manage:*" }).click();
      await ada.sees(/The role Billing/);
      await ada.goes(`${ada.home}/policies`);
      await page.getByRole("link", { name: "Staging", exact: true }).click();
      await look(ada, "policy-with-questions");
      await page.getByRole("link", { name: "deployment:start" }).or(page.getByRole("link", { name: "secret:read" })).first().click();
      await ada.sees(/The policy Staging/);
    }));
}
