// A help desk: somebody who sees, invites and manages the people of the team that they administer, and nobody else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "../checks.mjs";
import { GOOD, TestApp } from "../app.mjs";

test("a help desk has its team for a directory", () =>
  TestApp.full(async (app) => {
    const ada = await app.signedIn();
    const { home } = ada;
    await ada.goes(`${home}/invitations/new`);
    await ada.page.getByLabel(/addresses/i).fill("heidi@example.org");
    for (const name of ["User", "Help desk"]) {
      const box = ada.page.locator("label.choice", { has: ada.page.getByText(name, { exact: true }) }).getByRole("checkbox").first();
      await box.setChecked(name === "Help desk");
    }
    await ada.page.locator("label.choice", { has: ada.page.getByText("Product", { exact: true }) }).getByRole("checkbox").first().check();
    await ada.presses("Send invitations");
    await ada.sees("1 invited");
    const heidi = await app.person();
    const letter = await app.inbox.waitFor("heidi@example.org");
    await heidi.accepts(letter.link("/invitation/"), { name: "Heidi", password: GOOD });

    await ada.goes(`${home}/teams`);
    await ada.page.getByRole("link", { name: "Product", exact: true }).click();
    await ada.lands(/\/teams\//);
    await ada.goes(`${new URL(ada.page.url()).pathname}?q=Heidi`);
    await ada.page.getByRole("button", { name: /Actions for Heidi|Heidi/ }).first().click();
    await ada.page.getByRole("button", { name: /team administrator/ }).first().click();
    await ada.sees(/administrator/);

    await heidi.goes(`${home}/users`);
    await inspect(heidi, "help-desk-directory");
    const count = Number((await heidi.page.locator(".tabs [aria-current] span").innerText()).replaceAll(",", ""));
    await ada.goes(`${home}/users`);
    const all = Number((await ada.page.locator(".tabs [aria-current] span").innerText()).replaceAll(",", ""));
    assert.ok(count > 1 && count < all, `${count} of ${all}`);
    await heidi.goes(`${home}/invitations/new`);
    await heidi.sees("Product");
    await heidi.seesNot("Platform");
    await inspect(heidi, "help-desk-invites");
    await heidi.goes(`${home}/users`);
    await heidi.page.locator("td.c-name a").first().click();
    await inspect(heidi, "help-desk-profile");
  }));
