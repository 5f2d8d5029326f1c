// The ends: a person downloads their data and leaves, their name is erased from the audit log, and the last administrator
// deletes the organization.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inspect } from "../checks.mjs";
import { GOOD, TestApp } from "../app.mjs";

test("a person leaves, is erased on request, and at last the organization goes", () =>
  TestApp.empty(async (app) => {
    const ada = await app.person();
    await ada.movesIn({ organization: "Analytical Engines", name: "Ada Lovelace", email: "ada@example.org", password: GOOD });
    const { home } = ada;
    await ada.invites("grace@example.org");
    const grace = await app.person();
    const link = (await app.inbox.waitFor("grace@example.org")).link("/invitation/");
    await grace.accepts(link, { name: "Grace Hopper", email: "grace@example.org", password: GOOD });

    await grace.goes(`${home}/me`);
    await inspect(grace, "going-profile");
    const [download] = await Promise.all([grace.page.waitForEvent("download"), grace.presses(/^download$/i)]);
    const data = JSON.parse(readFileSync(await download.path(), "utf8"));
    assert.equal(data.person.email, "grace@example.org");
    assert.ok(data.audit_events.length > 0);

    await grace.goes(`${home}/me/departure`);
    await inspect(grace, "going-departure");
    await grace.presses(/leave the organization/i);
    await grace.lands(/^\/sign-in/);
    await grace.sees(/you have left analytical engines/i);
    await inspect(grace, "going-left");

    await ada.goes(`${home}/me/departure`);
    await inspect(ada, "going-last-administrator");

    await ada.goes(`${home}/audit?what=member.left`);
    await ada.page.locator(".events summary").first().click();
    await ada.page.locator("a", { hasText: "erase their name" }).click();
    await ada.page.locator("dialog[open]").waitFor();
    const erasure = await ada.page.locator("dialog[open] form").getAttribute("action");
    await ada.goes(erasure);
    await inspect(ada, "going-erasure");
    await ada.fills([/to confirm/i, "Grace Hopper"]);
    await ada.presses(/^erase/i);
    await ada.sees(/of the audit log name erased person/i);
    await inspect(ada, "going-erased");

    await ada.goes(`${home}/settings`);
    await inspect(ada, "going-settings");
    await ada.goes(`${home}/settings/deletion`);
    await inspect(ada, "going-deletion");
    await ada.fills([/to confirm/i, "Analytical Engines"]);
    await ada.presses(/^delete/i);
    await ada.lands(/^\/sign-in/);
    await ada.sees(/analytical engines is deleted/i);
  }));
