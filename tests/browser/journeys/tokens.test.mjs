// A system account is given a token, which programs use, and which is given a new value and revoked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "../checks.mjs";
import { GOOD, TestApp } from "../app.mjs";

test("a token is made, used, renewed with an overlap and revoked", () =>
  TestApp.empty(async (app) => {
    const ada = await app.person();
    await ada.movesIn({ organization: "Analytical Engines", name: "Ada Lovelace", email: "ada@example.org", password: GOOD });
    const me = async (token) => {
      const answer = await fetch(`${app.url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });
      return { status: answer.status, ...(await answer.json()) };
    };

    await ada.goes(`${ada.home}/system-accounts/new`);
    await ada.fills([/^name/i, "deploy-production"]);
    await ada.presses(/^create/i);
    await ada.page.waitForLoadState();
    await ada.goes(`${ada.home}/system-accounts`);
    await ada.page.getByRole("link", { name: "deploy-production" }).first().click();
    await ada.presses("Tokens");
    await ada.sees("No tokens yet");
    await inspect(ada, "tokens-empty");

    await ada.presses(/^create/i);
    await ada.lands(/\/tokens\/new$/);
    await ada.fills([/^name/i, "GitHub Actions"]);
    await ada.page.getByLabel("Only these").check();
    await ada.page.getByLabel("user:read:*").check();
    await inspect(ada, "token-new");
    await ada.presses("Create Token");
    const value = ada.page.locator("#value");
    const first = await value.inputValue();
    assert.match(first, /^rst_s_[0-9A-Za-z]{57}$/);
    await inspect(ada, "token-value");
    assert.deepEqual((await me(first)).permissions, ["user:read:*"]);
    const typo = await me(first.slice(0, -1) + (first.endsWith("x") ? "y" : "x"));
    assert.deepEqual([typo.status, typo.code], [401, "token-malformed"]);

    await ada.presses("Done");
    await ada.presses("Actions for GitHub Actions");
    await ada.presses("Regenerate GitHub Actions");
    await ada.page.getByLabel("1 hour").check();
    await inspect(ada, "token-regeneration");
    await ada.presses("Make a new value");
    const second = await value.inputValue();
    assert.notEqual(first, second);
    assert.equal((await me(first)).status, 200, "the old value works in the overlap");
    assert.equal((await me(second)).status, 200);
    await ada.presses("Done");
    await ada.sees("Old value works");
    await inspect(ada, "tokens-overlap");
    await ada.presses(/^retire the old value/i);
    await ada.page.getByRole("dialog").waitFor();
    await ada.presses("Retire the old value");
    await ada.sees(/does not work any more/);
    assert.equal((await me(first)).code, "token-replaced");

    await ada.presses("Actions for GitHub Actions");
    await ada.presses("Uses of GitHub Actions");
    await ada.page.getByRole("dialog").getByText("Uses, last 30 days").waitFor();
    const ids = await ada.page.locator("[id]").evaluateAll((all) => all.map(({ id }) => id));
    assert.deepEqual(ids.filter((id, at) => ids.indexOf(id) !== at), [], "every id is there once");
    await inspect(ada, "token-uses");
    await ada.presses("Close");

    await ada.presses("Actions for GitHub Actions");
    await ada.presses("Revoke GitHub Actions");
    await ada.page.getByRole("dialog").waitFor();
    await inspect(ada, "token-revocation");
    await ada.presses(/^revoke/i);
    await ada.sees("No tokens");
    assert.equal((await me(second)).code, "token-revoked");
  }));

test("somebody is let use the API, with a password and a token of their own", () =>
  TestApp.full(async (app) => {
    const ada = await app.signedIn();
    await ada.goes(`${ada.home}/users?tab=active&sort=name`);
    const { page } = ada;
    // Some of the made-up people have it already.
    const people = ada.rows.filter({ hasNot: page.locator(".you") }).locator('a[href*="users/"]');
    const profiles = await people.evaluateAll((links) => links.map((link) => new URL(link.href).pathname).filter((href) => /\/users\/[0-9a-f-]{36}$/.test(href)));
    for (const profile of profiles) {
      await ada.goes(profile);
      await ada.presses("API access");
      if (await page.getByText("Turn on").first().isVisible()) break;
    }
    await inspect(ada, "api-access-off");
    await ada.presses("Turn on");
    await ada.presses("Set up");
    await inspect(ada, "api-password");
    await ada.presses("Set the API password");
    const password = await page.locator("#generated").inputValue();
    const username = (await page.locator("#curl").inputValue()).split("'")[1];
    await inspect(ada, "api-password-generated");
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    const answer = await fetch(`${app.url}/api/v1/me`, { headers: { authorization } });
    assert.equal(answer.status, 200);
    assert.equal((await answer.json()).credential.kind, "api_password");
    await ada.presses("Done");
    await inspect(ada, "api-access-on");
    await ada.presses(/^turn off/i);
    await page.getByRole("dialog").waitFor();
    await ada.presses("Turn it off");
    await ada.sees(/may not use the API any more/);
    assert.equal((await fetch(`${app.url}/api/v1/me`, { headers: { authorization } })).status, 401);
  }));
