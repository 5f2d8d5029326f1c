// Two tabs of one browser: each form acts on what its page showed, and nothing that was typed is lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { GOOD, TestApp, OTHER_GOOD } from "../app.mjs";
import { Person } from "../person.mjs";

const ADA = { organization: "Analytical Engines", name: "Ada Lovelace", email: "ada@example.org", password: GOOD };
const THIRD_GOOD = "Herons wade where reeds grow tall";

/** Another tab of the same browser. */
async function tab(person) {
  return new Person(person.app, await person.page.context().newPage());
}

test("two reset links in two tabs set the password of the person that each page named", () =>
  TestApp.empty(async (app) => {
    const ada = await app.person();
    await ada.movesIn(ADA);
    for (const name of ["grace", "linus"]) {
      await ada.goes(`${app.url}/`);
      await ada.invites(`${name}@example.org`);
      const person = await app.person();
      await person.accepts((await app.inbox.waitFor(`${name}@example.org`)).link("/invitation/"), {
        name,
        email: `${name}@example.org`,
        password: OTHER_GOOD,
      });
    }
    const one = await app.person();
    for (const name of ["grace", "linus"]) {
      await one.goes("/password/forgotten");
      await one.fills([/email/i, `${name}@example.org`]);
      await one.presses(/send/i);
      await one.sees(/link is on its way/i);
    }
    const two = await tab(one);
    const link = async (name) => (await app.inbox.waitFor(`${name}@example.org`)).link("/password/reset/");
    await one.goes(await link("grace"));
    await two.goes(await link("linus"));
    await one.sees(/for grace@example\.org/i);
    await one.fills([/password/i, THIRD_GOOD]);
    await one.presses(/^save/i);
    await one.lands(/^\/sign-in/);
    await one.signsIn("linus@example.org", OTHER_GOOD);
    await one.lands(/^\/o\//);
    await one.signsOut();
    await one.signsIn("grace@example.org", THIRD_GOOD);
    await one.lands(/^\/o\//);
    // The other tab, opened before somebody signed in, is as good as before.
    await two.fills([/password/i, `${THIRD_GOOD} again`]);
    await two.presses(/^save/i);
    await two.lands(/^\/sign-in|^\/o\//);
    const linus = await app.person();
    await linus.signsIn("linus@example.org", `${THIRD_GOOD} again`);
    await linus.lands(/^\/o\//);
  }));

test("what was typed survives a session that another tab ended, and Esc", () =>
  TestApp.empty(async (app) => {
    const ada = await app.person();
    await ada.movesIn(ADA);
    const home = ada.home;
    await ada.presses(/^invite users/i);
    await ada.fills([/address/i, "vera@example.org"]);
    await ada.page.keyboard.press("Escape");
    await ada.page.locator("dialog").waitFor({ state: "detached" });
    await ada.presses(/^invite users/i);
    assert.equal(await ada.field(/address/i).inputValue(), "vera@example.org");

    const other = await tab(ada);
    await other.goes(`${home}/users`);
    await other.signsOut();
    await ada.page.locator('form[action$="/invitations"]').getByRole("button", { name: /invite|send/i }).click();
    await ada.lands(/^\/sign-in/);
    await ada.sees(/what you typed is kept/i);
    await ada.signsIn(ADA.email, ADA.password);
    await ada.lands(/\/invitations\/new$/);
    await ada.sees(/what you typed is here again/i);
    assert.equal(await ada.field(/address/i).inputValue(), "vera@example.org");
    await ada.page.locator('form[action$="/invitations"]').getByRole("button", { name: /invite|send/i }).click();
    await ada.lands(/\/invitations\/sent/);
  }));

test("a second tab of the sign-in page leads on, the way back keeps the list, and a slash goes to the search", () =>
  TestApp.empty(async (app) => {
    const ada = await app.person();
    await ada.movesIn(ADA);
    await ada.signsOut();
    const other = await tab(ada);
    await other.goes("/sign-in");
    await ada.signsIn(ADA.email, ADA.password);
    await ada.lands(/^\/o\//);
    await other.signsIn(ADA.email, ADA.password);
    await other.lands(/^\/o\//);

    await other.goes(`${other.home}/users`);
    await other.page.locator("h1").first().waitFor();
    await other.page.keyboard.press("/");
    await other.page.keyboard.type("Lovelace");
    await other.lands(/q=Lovelace/);
    await other.row("Ada Lovelace").getByRole("link").first().click();
    await other.lands(/\/users\/[0-9a-f-]{36}/);
    await other.page.locator("a.breadcrumb").click();
    await other.lands(/\/users\?.*q=Lovelace/);
    for (const place of ["users/new", "invitations/new", "imports/new"]) {
      await other.goes(`${other.home}/${place}`);
      await other.page.locator("a.breadcrumb").click();
      await other.lands(/\/users\?.*q=Lovelace/);
    }
  }));
