// Several people at once: ticked, done, taken back; with a script and without one. And the roles of one, until a day.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "../checks.mjs";
import { TestApp } from "../app.mjs";

for (const javaScriptEnabled of [true, false]) {
  test(`ticked, disabled and taken back ${javaScriptEnabled ? "with" : "without"} a script`, () =>
    TestApp.full(async (app) => {
      const ada = await app.signedIn({ javaScriptEnabled });
      const { home } = ada;
      // The inspector is a script itself.
      const look = javaScriptEnabled ? inspect : async () => {};
      await ada.goes(`${home}/users?tab=active&role=&sort=last_sign_in`);
      const boxes = ada.page.locator("tbody .pick input:enabled");
      const names = [];
      for (const at of [1, 2]) {
        await boxes.nth(at).check();
        names.push((await boxes.nth(at).getAttribute("aria-label")).replace("Select ", ""));
      }
      if (javaScriptEnabled) {
        await ada.sees("2 selected");
        await inspect(ada, "bulk-ticked");
      }
      await ada.presses(/^disable$/i);
      await ada.lands(/\/bulk\?/);
      for (const name of names) await ada.sees(name);
      await look(ada, "bulk-confirm");
      await ada.fills([/reason/i, "On a long journey"]);
      await ada.presses(/^disable 2 people/i);
      await ada.sees("2 people disabled");
      await ada.presses("Undo");
      await ada.sees("2 people enabled");
      await ada.goes(`${home}/batches`);
      await look(ada, "batches");
      await ada.presses(/2 people enabled/);
      await ada.lands(/\/batches\/[0-9a-f-]{36}/);
      await look(ada, "batch");
    }));
}

test("everybody who matches, with progress in sight", () =>
  TestApp.full(async (app) => {
    const ada = await app.signedIn();
    await ada.goes(`${ada.home}/users?tab=active`);
    await ada.page.locator(".list [data-pick-all]").check();
    await ada.page.getByRole("checkbox", { name: /that match/i }).check();
    await ada.sees(/^All [\d,]+ selected$/);
    await ada.presses("Add to team");
    await ada.lands(/\/bulk\?.*all=1/);
    // A browser that goes back ticks what was ticked, and the bar says so.
    await ada.page.goBack();
    await ada.sees(/^All [\d,]+ selected$/);
    assert.equal(await ada.page.locator(".list [data-pick-all]").isChecked(), true);
    await ada.presses("Add to team");
    await ada.lands(/\/bulk\?.*all=1/);
    const team = ada.page.getByLabel("Team", { exact: true });
    await team.selectOption({ index: 1 });
    await inspect(ada, "bulk-team");
    await ada.presses(/^add .* to a team/i);
    await ada.lands(/\/batches\/|\/users/);
    await ada.sees(/added to the team/);
  }));

test("a role until a day, and back", () =>
  TestApp.full(async (app) => {
    const ada = await app.signedIn();
    await ada.goes(`${ada.home}/users?tab=active&sort=last_sign_in`);
    await ada.rows.nth(3).getByRole("link").first().click();
    await ada.lands(/\/users\/[0-9a-f-]{36}$/);
    await ada.presses("Access");
    await ada.lands(/\/roles$/);
    await inspect(ada, "bulk-access");
    const free = ada.page.locator(".grant:not(:has(input[type=checkbox]:checked)):not(:has(input:disabled))").filter({ hasText: "Administrator" }).first();
    const role = await free.locator("input[type=checkbox]").inputValue();
    await free.locator("input[type=checkbox]").check();
    const line = ada.page.locator(`.grant:has(input[type=checkbox][value="${role}"])`);
    await line.locator("input[type=date]").fill("2099-01-31");
    await ada.presses("Save access");
    await ada.sees("Nothing is saved yet. Look it over, then confirm.");
    await inspect(ada, "bulk-access-confirmation");
    await ada.presses("Confirm and save");
    await ada.sees("Access is changed");
    assert.equal(await line.locator("input[type=date]").inputValue(), "2099-01-31");
    await inspect(ada, "bulk-access-until");
    await ada.presses("Undo");
    await ada.sees("Access is changed");
    assert.equal(await line.locator("input[type=checkbox]").isChecked(), false);
  }));
