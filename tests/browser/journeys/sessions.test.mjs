// Somebody else is signed in, a password is given by an administrator, and two windows edit the same settings.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "../checks.mjs";
import { GOOD, TestApp, OTHER_GOOD } from "../app.mjs";

const ADA = { organization: "Analytical Engines", name: "Ada Lovelace", email: "ada@example.org", password: GOOD };
const GRACE = { name: "Grace Hopper", email: "grace@example.org", password: OTHER_GOOD };

test("a sign-in that was not hers is ended from the letter about it", () =>
  TestApp.empty(async (app) => {
    const ada = await app.person();
    await ada.movesIn(ADA);
    const { home } = ada;
    const thief = await app.person();
    await thief.signsIn(ADA.email, ADA.password);
    await thief.lands(/^\/o\//);

    await ada.goes(`${home}/me/sessions`);
    assert.equal(await ada.rows.count(), 2);
    await ada.sees("this one");
    await inspect(ada, "sessions-two");

    const phone = await app.person();
    await phone.goes((await app.inbox.waitFor(ADA.email)).link("/alarm/"));
    await phone.lands(/^\/alarm\?link=[\w-]{16}$/);
    await inspect(phone, "alarm");
    await phone.presses("This was not me");
    await phone.lands(/^\/sign-in/);
    for (const person of [thief, ada]) {
      await person.goes(`${home}/users`);
      await person.lands(/^\/sign-in/);
    }
    await phone.goes((await app.inbox.waitFor(ADA.email)).link("/password/reset/"));
    await phone.fills([/password/i, OTHER_GOOD]);
    await phone.presses(/^save/i);
    await phone.signsIn(ADA.email, OTHER_GOOD);
    await phone.lands(/^\/o\//);
  }));

test("a temporary password is shown once, given by word of mouth, and replaced", () =>
  TestApp.empty(async (app) => {
    const ada = await app.person();
    await ada.movesIn(ADA);
    await ada.invites(GRACE.email);
    const grace = await app.person();
    await grace.accepts((await app.inbox.waitFor(GRACE.email)).link("/invitation/"), GRACE);

    await ada.goes(`${ada.home}/users?q=Grace`);
    await ada.row(GRACE.name).getByRole("link", { name: GRACE.name }).click();
    await ada.lands(/\/users\/[0-9a-f-]{36}$/);
    await ada.goes(`${new URL(ada.page.url()).pathname}/password`);
    await ada.presses(/^set a temporary password/i);
    await ada.lands(/\/password\/temporary$/);
    assert.equal(await ada.field(/temporary password/i).count(), 0, "nothing is typed where one is generated");
    await ada.page.getByRole("radio", { name: /type one/i }).check();
    await ada.fills([/temporary password/i, "too short"]);
    await ada.presses(/^set the password/i);
    await ada.sees(/at least 15 characters\. a sentence/i);
    await inspect(ada, "temporary-refused");
    await ada.page.getByRole("radio", { name: /generate/i }).check();
    await ada.presses(/^set the password/i);
    await ada.sees(/shown only this once/i);
    await inspect(ada, "temporary-generated");
    const password = await ada.field("Password").inputValue();

    await grace.goes(`${grace.home}/users`);
    await grace.lands(/^\/sign-in/);
    await grace.signsIn(GRACE.email, password);
    await grace.lands(/^\/password\/change/);
    await inspect(grace, "temporary-replace");
    // It was typed a moment ago, so it is not asked for again.
    await grace.fills([/new password/i, GOOD]);
    await grace.presses(/^save/i);
    await grace.lands(/^\/o\//);
  }));

test("of two windows that edit the settings the second is shown what the first saved", () =>
  TestApp.full(async (app) => {
    const [one, two] = [await app.person(), await app.person()];
    for (const person of [one, two]) {
      await person.signsIn(app.administrator.email, app.administrator.password);
      await person.lands(/^\/o\//);
      await person.goes(`${person.home}/settings`);
    }
    await one.fills([/^name/i, "The Difference Engine Works"]);
    await one.presses(/^save/i);
    await one.sees(/settings are saved/i);
    await two.fills([/^name/i, "Another Name"], [/minimum length/i, "20"]);
    await two.presses(/^save/i);
    await two.sees(/somebody else saved/i);
    await two.sees("The Difference Engine Works");
    assert.equal(await two.field(/^name/i).inputValue(), "Another Name");
    await inspect(two, "settings-conflict");
    await two.presses(/^save/i);
    await two.sees(/settings are saved/i);
    assert.equal(await two.field(/^name/i).inputValue(), "Another Name");
  }));
