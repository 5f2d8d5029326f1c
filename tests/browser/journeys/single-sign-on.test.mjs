// An administrator connects an identity provider, tests it and turns it on; people sign in through it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { GOOD, TestApp } from "../app.mjs";
import { inspect } from "../checks.mjs";
import { CLIENT, CLIENT_SECRET, startProvider } from "../provider.mjs";

const ADA = { organization: "Analytical Engines", name: "Ada Lovelace", email: "ada@example.org", password: GOOD };
const settings = { ROSTER_OUTBOUND_ALLOW: "127.0.0.0/8" };

test("a provider is connected, tested and enabled, and somebody joins by signing in there", () =>
  TestApp.empty(
    async (app) => {
      const ada = await app.person();
      await ada.movesIn(ADA);
      // The callback holds the id of the connection, so the provider is told of it afterwards; its address is known before.
      let callback = `${app.url}/sso/unknown/callback`;
      let provider = await startProvider(callback);
      await ada.goes(`${ada.home}/settings/connections`);
      await inspect(ada, "connections-empty");
      await ada.presses(/^add connection/i);
      await inspect(ada, "connection-kinds");
      await ada.presses(/openid connect/i);
      await ada.fills([/^name/i, "Acme"], [/issuer/i, provider.issuer], [/client id/i, CLIENT], [/client secret/i, CLIENT_SECRET]);
      await inspect(ada, "connection-form");
      await ada.page.getByRole("radio", { name: /everybody whom the provider lets in/i }).check();
      await ada.presses(/^save draft/i);
      await ada.lands(/\/settings\/connections\/[0-9a-f-]{36}$/);
      const connection = new URL(ada.page.url()).pathname;
      callback = `${app.url}/sso/${connection.split("/").pop()}/callback`;
      await ada.sees(callback);
      await inspect(ada, "connection");

      // The provider learns the callback, under the same address.
      const { port } = new URL(provider.issuer);
      await provider.close();
      provider = await startProvider(callback, Number(port));
      await ada.presses(/^test/i);
      await ada.page.getByText("I am grace").click();
      await ada.sees(/grace@example\.org becomes a member/);
      await inspect(ada, "connection-test");
      await ada.goes(connection);
      await ada.presses(/^enable/i);
      await ada.sees(/is enabled|can sign in/i);

      // What the provider says of people gives roles.
      await ada.presses(/map what the provider says/i);
      await inspect(ada, "mappings-empty");
      await ada.fills([/^claim, line 1$/i, "groups"], [/^value, line 1$/i, "staff"]);
      await ada.page.getByLabel(/^gives, line 1$/i).selectOption({ label: "Viewer" });
      await ada.presses(/^save mappings/i);
      await ada.sees("The mappings are saved");
      await inspect(ada, "connection-mapped");
      await ada.presses(/^edit mappings/i);
      await inspect(ada, "mappings");
      await ada.goes(`${ada.home}/settings/domains`);
      await inspect(ada, "domains-empty");
      await ada.fills([/^domain/i, "engines.example"]);
      await ada.presses(/^add domain/i);
      await ada.sees("engines.example");
      await inspect(ada, "domains");
      await ada.goes(`${ada.home}/settings/connections/requirement`);
      await inspect(ada, "sso-requirement");

      for (const javaScriptEnabled of [true, false]) {
        const grace = await app.person({ javaScriptEnabled });
        await grace.goes("/sign-in");
        if (javaScriptEnabled) await inspect(grace, "sign-in-with-provider");
        await grace.presses(/sign in with acme/i);
        await grace.page.getByText("I am grace").click();
        await grace.lands(/^\/o\/[0-9a-f-]{36}\/users/);
        await grace.sees("Grace Hopper");
        if (javaScriptEnabled) {
          await grace.goes(`${grace.home}/me`);
          await inspect(grace, "me-with-provider");
          // The back button leads through the callback again, to a page that makes sense.
          await grace.page.goBack();
          await grace.sees("User Directory");
        }
        await grace.page.getByRole("button", { name: /sign out/i }).filter({ visible: true }).first().click();
        await grace.sees(/still signed in at/i);
        if (javaScriptEnabled) await inspect(grace, "signed-out");
      }

      await ada.goes(`${ada.home}/users?q=Grace`);
      await ada.presses("Grace Hopper");
      await ada.presses("Access");
      await ada.sees(/given by what acme says at each sign-in/i);
      await inspect(ada, "access-mapped");

      // Ada has an account with that address already.
      const other = await app.person();
      await other.goes("/sign-in");
      await other.presses(/sign in with acme/i);
      await other.page.getByText("I am ada").click();
      await other.sees("You have an account already");
      await inspect(other, "connect-accounts");
      await other.presses(/sign in as before/i);
      await other.signsIn(ADA.email, ADA.password);
      await other.presses(/connect them/i);
      await other.sees(/from now on you can sign in with acme/i);
      let letter;
      do letter = await app.inbox.waitFor("ada@example.org");
      while (!/connected with your account/.test(letter.subject));
      assert.match(letter.text, /Acme/);
      await provider.close();
    },
    { settings },
  ));
