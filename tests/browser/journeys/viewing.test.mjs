// An administrator looks at the console as somebody else sees it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "../checks.mjs";
import { TestApp } from "../app.mjs";

test("an administrator sees the console as a person sees it, and changes nothing", () =>
  TestApp.full(async (app) => {
    const ada = await app.signedIn();
    const { home } = ada;
    await ada.goes(`${home}/users?tab=active`);
    // Somebody who holds the role User and nothing else.
    const row = ada.page.locator("tbody tr", { has: ada.page.getByText("User", { exact: true }) }).filter({ hasNotText: "Administrator" }).first();
    const name = await row.locator("td.c-name a").first().innerText();
    await row.locator("td.c-name a").first().click();
    await ada.page.getByRole("button", { name: "More", exact: true }).click();
    await ada.page.getByRole("link", { name: "View as them…" }).click();
    await ada.sees(`View Roster as ${name}?`);
    await inspect(ada, "viewing-question");
    await ada.presses("View as them");
    await ada.sees(`You see Roster as ${name} sees it`);
    await inspect(ada, "viewing-directory");
    assert.equal(await ada.page.getByRole("link", { name: "Invite Users" }).count(), 0);
    await ada.goes(`${home}/users/export`);
    await ada.sees("Not while you look as somebody else");
    await inspect(ada, "viewing-refused");
    // Outside the main part of the page.
    await ada.page.getByRole("button", { name: "Stop viewing" }).click();
    await ada.sees("You see Roster as yourself again");
    await ada.goes(`${home}/users`);
    assert.equal(await ada.page.getByRole("link", { name: "Invite Users" }).count(), 1);
  }));
