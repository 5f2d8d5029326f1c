// A password is forgotten and found again by mail.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "../checks.mjs";
import { GOOD, TestApp, OTHER_GOOD } from "../app.mjs";

test("a forgotten password is replaced by mail, and every session ends", () =>
  TestApp.empty(async (app) => {
    const desk = await app.person();
    await desk.movesIn({ organization: "Analytical Engines", name: "Ada Lovelace", email: "ada@example.org", password: GOOD });
    const { home } = desk;

    const phone = await app.person();
    const asksFor = async (email) => {
      await phone.goes("/sign-in");
      await phone.presses(/forgot/i);
      await phone.lands(/^\/password\/forgotten/);
      await phone.fills([/email/i, email]);
      await phone.presses(/send/i);
      await phone.sees(/if |check /i);
      return (await phone.page.locator("main").innerText()).replaceAll(email, "…");
    };
    // Whether somebody is known here is nobody's business.
    assert.equal(await asksFor("nobody@example.org"), await asksFor("ada@example.org"));
    const link = (await app.inbox.waitFor("ada@example.org")).link("/password/reset/");
    assert.ok(!app.inbox.holds("nobody@example.org"));
    await inspect(phone, "password-forgotten-sent");

    await phone.goes(link);
    await phone.lands(/^\/password\/reset\?link=[\w-]{16}$/);
    await inspect(phone, "password-reset");
    await phone.fills([/password/i, OTHER_GOOD]);
    await phone.presses(/^save/i);
    await phone.lands(/^\/sign-in/);

    await desk.goes(`${home}/users`);
    await desk.lands(/^\/sign-in/);

    await phone.signsIn("ada@example.org", GOOD);
    await phone.page.getByRole("alert").or(phone.page.locator("[aria-invalid=true], .notice")).first().waitFor();
    await phone.lands(/^\/sign-in/);
    await phone.signsIn("ada@example.org", OTHER_GOOD);
    await phone.lands(/^\/o\//);

    const status = await desk.goes(link);
    assert.ok([404, 410].includes(status), `a used link answers ${status}`);
    await inspect(desk, "password-reset-dead");
  }, { mailProtection: "tls" }));
