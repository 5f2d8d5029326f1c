// From a fresh installation to a team: set-up, invitations by mail, and what may go wrong with a link.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "../checks.mjs";
import { GOOD, TestApp, OTHER_GOOD } from "../app.mjs";

const ADA = { organization: "Analytical Engines", name: "Ada Lovelace", email: "ada@example.org", password: GOOD };
const GRACE = { name: "Grace Hopper", email: "grace@example.org", password: OTHER_GOOD };

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";

  test(`a company moves in and invites two people by mail, ${how}`, () =>
    TestApp.empty(async (app) => {
      const ada = await app.person({ javaScriptEnabled });
      await ada.movesIn(ADA);
      await ada.sees("Ada Lovelace");

      await ada.invites("Grace Hopper <grace@example.org>, alan@example.org");
      await ada.sees(/grace@example\.org/);
      await ada.sees(/alan@example\.org/);

      const mail = await app.inbox.waitFor("grace@example.org");
      assert.equal(mail.from, "roster@example.org");
      assert.match(mail.subject, /Analytical Engines/);
      assert.match(mail.text, /Ada Lovelace/);
      assert.match(mail.html, /<html[^>]* lang=/);
      const link = mail.link("/invitation/");
      assert.ok(link.startsWith(`${app.url}/invitation/`), link);
      assert.notEqual((await app.inbox.waitFor("alan@example.org")).link("/invitation/"), link);

      // A mail scanner looks first, and changes nothing.
      await fetch(link, { method: "HEAD" });
      await fetch(link);

      const grace = await app.person({ javaScriptEnabled });
      await grace.accepts(link, GRACE);
      await grace.sees("Grace Hopper");
      await grace.sees("Ada Lovelace");
      await grace.sees(/alan@example\.org/);
      // She is no administrator: she looks, and has nothing to tick or to change.
      assert.equal(await grace.page.locator("table").getByRole("checkbox").count(), 0);
      await grace.seesNot(/^invite users/i);

      await grace.signsOut();
      await grace.signsIn(GRACE.email, GRACE.password);
      await grace.lands(/^\/o\//);
    }));
}

test("a mistake in the acceptance form keeps the name and never gives the password back", () =>
  TestApp.empty(async (app) => {
    const ada = await app.person();
    await ada.movesIn(ADA);
    await ada.invites("grace@example.org");
    const grace = await app.person();
    await grace.goes((await app.inbox.waitFor("grace@example.org")).link("/invitation/"));
    await grace.lands(/^\/invitation\?link=[\w-]{16}$/);
    await inspect(grace, "invitation");
    await grace.fills([/display name/i, "Grace Hopper"], [/password/i, "passwordpassword"]);
    await grace.presses(/accept|join/i);
    await grace.page.locator("[aria-invalid=true]").first().waitFor();
    assert.equal(grace.document.status(), 422);
    assert.equal(await grace.field(/display name/i).inputValue(), "Grace Hopper");
    assert.equal(await grace.field(/password/i).inputValue(), "");
    await inspect(grace, "invitation-refused");
  }));

test("an invitation is not taken by anyone who happens to be signed in", () =>
  TestApp.empty(async (app) => {
    const ada = await app.person();
    await ada.movesIn(ADA);
    await ada.invites("grace@example.org");
    const link = (await app.inbox.waitFor("grace@example.org")).link("/invitation/");

    await ada.goes(link);
    await ada.sees(/signed in as/i);
    await inspect(ada, "invitation-of-another");
    assert.equal(await ada.field(/password/i).count(), 0);

    const grace = await app.person();
    await grace.accepts(link, GRACE);
    await grace.sees("Grace Hopper");
  }));

test("a dead link says why, whatever killed it", () =>
  TestApp.empty(async (app) => {
    const ada = await app.person();
    await ada.movesIn(ADA);
    await ada.invites("grace@example.org, alan@example.org, mary@example.org");
    const links = {};
    for (const name of ["grace", "alan", "mary"]) {
      links[name] = (await app.inbox.waitFor(`${name}@example.org`)).link("/invitation/");
    }
    const grace = await app.person();
    await grace.accepts(links.grace, GRACE);

    await ada.goes(`${ada.home}/users?tab=invited`);
    await ada.choosesInRow("alan@example.org", /^resend/i);
    const renewed = (await app.inbox.waitFor("alan@example.org")).link("/invitation/");
    await ada.goes(`${ada.home}/users?tab=invited`);
    await ada.choosesInRow("mary@example.org", /^cancel/i);
    await ada.presses(/^cancel the invitation/i);
    await ada.sees(/cancelled/i);
    await ada.goes(`${ada.home}/users?tab=invited`);
    await ada.seesNot("mary@example.org");

    const stranger = await app.person();
    const dead = { used: links.grace, replaced: links.alan, cancelled: links.mary, invented: `${app.url}/invitation/${"a".repeat(43)}` };
    for (const [why, link] of Object.entries(dead)) {
      const status = await stranger.goes(link);
      assert.ok([404, 410].includes(status), `the ${why} link answers ${status}`);
      assert.equal(await stranger.field(/password/i).count(), 0);
      await stranger.sees(/link|invitation/i);
    }
    await inspect(stranger, "dead-link");

    await stranger.goes(renewed);
    await stranger.lands(/^\/invitation\?link=[\w-]{16}$/);
    assert.equal(await stranger.field(/password/i).count(), 1);
  }));
