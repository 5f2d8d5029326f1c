// An administrator connects a SAML provider, tests it and turns it on; people sign in through it. The providers are real
// ones: SimpleSAMLphp, and the package samlp.

import assert from "node:assert/strict";
import { test } from "node:test";
import { GOOD, TestApp } from "../app.mjs";
import { inspect } from "../checks.mjs";
import { SIGNED, TRANSIENT, UNSIGNED, addsConnection, enables, readsMetadata, serviceProvider } from "../saml.mjs";
import { startSamlp } from "../samlp.mjs";
import { startSimpleSamlPhp } from "../simplesamlphp.mjs";

const ADA = { organization: "Analytical Engines", name: "Ada Lovelace", email: "ada@example.org", password: GOOD };
const DIRECTORY = /^\/o\/[0-9a-f-]{36}\/users/;

/** What SimpleSAMLphp's login page asks for. */
async function signsInThere({ page }, name, password) {
  await page.getByLabel(/username/i).fill(name);
  await page.getByLabel(/password/i).fill(password);
  await page.getByRole("button", { name: /^login/i }).click();
}

async function begins(person, name) {
  await person.goes("/sign-in");
  await person.presses(name);
}

test("SimpleSAMLphp is connected by its metadata, tested and enabled, and somebody joins by signing in there", () =>
  TestApp.empty(async (app) => {
    const provider = await startSimpleSamlPhp(app.folder);
    try {
      const ada = await app.person();
      await ada.movesIn(ADA);
      await ada.goes(`${ada.home}/settings/connections/new/saml`);
      await readsMetadata(ada, { file: provider.metadata });
      await ada.sees(provider.fingerprint);
      await inspect(ada, "saml-metadata");
      await ada.fills([/^name/i, "Acme"]);
      await ada.page.getByRole("radio", { name: /everybody whom the provider lets in/i }).check();
      await ada.presses(/^save draft/i);
      await ada.lands(/\/settings\/connections\/[0-9a-f-]{36}$/);
      const connection = new URL(ada.page.url()).pathname;
      const roster = await serviceProvider(app, connection.split("/").pop());
      for (const text of [provider.fingerprint, roster.entityId, roster.acs]) await ada.sees(text);
      await inspect(ada, "saml-connection");

      // At first the provider makes up a new name at every sign-in, by which nobody can be known again.
      provider.trust(roster, SIGNED[0], TRANSIENT);
      await ada.presses(/^test/i);
      await signsInThere(ada, "grace", "eniac-and-univac");
      await ada.sees(/the NameID is transient/i);
      provider.trust(roster, SIGNED[0]);
      await ada.presses(/^test again/i);
      await ada.sees(/answer was accepted/);
      await ada.sees(/grace@example\.org becomes a member/);
      await inspect(ada, "saml-test");
      await enables(ada, connection);

      const grace = await app.person();
      await begins(grace, /sign in with acme/i);
      await signsInThere(grace, "grace", "a wrong password");
      await grace.sees(/incorrect username or password/i);
      assert.equal(new URL(grace.page.url()).hostname, "127.0.0.1");
      await signsInThere(grace, "grace", "eniac-and-univac");
      await grace.lands(DIRECTORY);
      await grace.sees("Grace Hopper");

      // The provider knows Grace still and does not ask again.
      for (const signed of SIGNED) {
        provider.trust(roster, signed);
        await grace.signsOut();
        await begins(grace, /sign in with acme/i);
        await grace.lands(DIRECTORY);
      }
      await grace.signsOut();
      provider.trust(roster, UNSIGNED);
      await begins(grace, /sign in with acme/i);
      await grace.sees("The sign-in did not work");
      await inspect(grace, "saml-refused");
      await ada.goes(connection);
      await ada.sees(/neither the response nor the assertion is signed/i);

      provider.trust(roster, SIGNED[1]);
      await grace.presses(/try again with acme/i);
      await grace.lands(DIRECTORY);

      const radia = await app.person({ javaScriptEnabled: false });
      await begins(radia, /sign in with acme/i);
      await signsInThere(radia, "radia", "spanning-tree");
      // The provider's page cannot post itself. The first of its buttons is for its script, and hidden when its style comes.
      await radia.sees(/does not support javascript/i);
      await radia.page.getByRole("button").last().click();
      await radia.lands(DIRECTORY);
      await radia.sees("Radia Perlman");
    } finally {
      await provider.close();
    }
  }));

test("samlp is let in with SHA-256, and its administrator learns that SHA-1 is too weak", () =>
  TestApp.empty(async (app) => {
    const provider = await startSamlp(app.folder);
    try {
      const ada = await app.person();
      await ada.movesIn(ADA);
      const connection = await addsConnection(ada, "Bridge", { metadata: provider.metadata });
      await enables(ada, connection);
      const radia = await app.person();
      for (const signed of SIGNED) {
        provider.signs = signed;
        await begins(radia, /sign in with bridge/i);
        await radia.lands(DIRECTORY);
        await radia.sees("Radia Perlman");
        await radia.signsOut();
      }
      // Roster makes a key, for which the provider encrypts from then on.
      await ada.goes(connection);
      await ada.presses(/^make a key/i);
      await ada.sees(/requests are signed with it from now on/i);
      await inspect(ada, "saml-keys");
      provider.encryptsFor = (await serviceProvider(app, connection.split("/").pop())).certificate;
      await begins(radia, /sign in with bridge/i);
      await radia.lands(DIRECTORY);
      await radia.signsOut();
      provider.encryptsFor = undefined;

      provider.hash = "sha1";
      await begins(radia, /sign in with bridge/i);
      await radia.sees("The sign-in did not work");
      await radia.seesNot(/SHA-1/);
      await ada.goes(connection);
      await ada.sees(/the latest sign-in was refused/i);
      await ada.sees(/this provider signs with SHA-1\. Change the signature algorithm to SHA-256/i);
    } finally {
      await provider.close();
    }
  }));
