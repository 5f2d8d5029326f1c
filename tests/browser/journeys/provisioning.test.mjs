// An Administrator sets up provisioning, looks at its calls, and finds people and teams that it manages.

import assert from "node:assert/strict";
import { test } from "node:test";
import { GOOD, TestApp } from "../app.mjs";
import { inspect } from "../checks.mjs";

const ADA = { organization: "Analytical Engines", name: "Ada Lovelace", email: "ada@example.org", password: GOOD };

test("provisioning is set up and deleted again", () =>
  TestApp.empty(async (app) => {
    const ada = await app.person();
    await ada.movesIn(ADA);
    const list = `${ada.home}/settings/provisioning`;
    await ada.goes(list);
    await inspect(ada, "provisioning-empty");
    await ada.presses(/^set up provisioning/i);
    await inspect(ada, "provisioning-new");
    await ada.page.getByText("More: leaving").click();
    await ada.page.getByRole("radio", { name: /microsoft entra/i }).check();
    await ada.fills([/^name/i, "Entra ID of the Analytical Engines Company, Marylebone"]);
    await inspect(ada, "provisioning-new-open");
    await ada.presses(/^create and show the token/i);
    await ada.sees("Tenant URL");
    const token = await ada.page.getByLabel(/^token/i).inputValue();
    assert.match(token, /^rst_s_/);
    await inspect(ada, "provisioning-created");
    await ada.presses(/^done/i);
    await ada.sees("No call yet");
    await inspect(ada, "provisioning-never-called");

    const headers = { authorization: `Bearer ${token}` };
    assert.equal((await fetch(`${app.url}/scim/v2/ServiceProviderConfig`, { headers })).status, 200);
    await ada.presses(/^delete/i);
    await ada.sees(/its tokens open nothing any more/);
    await inspect(ada, "provisioning-deletion");
    await ada.fills([/to confirm/i, "Entra ID of the Analytical Engines Company, Marylebone"]);
    await ada.presses(/^delete/i);
    await ada.sees("Nobody is provisioned yet");
    assert.equal((await fetch(`${app.url}/scim/v2/ServiceProviderConfig`, { headers })).status, 401);
  }));

test("calls, managed people and managed teams say who decides", () =>
  TestApp.full(async (app) => {
    const ada = await app.signedIn();
    const list = `${ada.home}/settings/provisioning`;
    await ada.goes(list);
    await inspect(ada, "provisioning");
    await ada.presses("Identity provider (SCIM)");
    await ada.sees("What the provider sent");
    await inspect(ada, "provisioning-client");
    const home = new URL(ada.page.url()).pathname;
    await ada.goes(`${home}?refused=1`);
    await ada.presses("POST /Users");
    await ada.sees("What was sent");
    await inspect(ada, "provisioning-call");
    await ada.goes(`${home}/edit`);
    await inspect(ada, "provisioning-edit");

    await ada.goes(`${ada.home}/users?provider=saml&tab=active`);
    await ada.page.locator("td.c-name a").first().click();
    await ada.sees(/managed by/i);
    await inspect(ada, "managed-profile");
    await ada.goes(`${ada.home}/teams`);
    await ada.presses("Marketing");
    await ada.sees(/decides who is in this team/);
    await inspect(ada, "managed-team");
    await ada.presses(/^edit/i);
    await ada.sees("Edit the team");
    await inspect(ada, "managed-team-edit");
  }));
