// Signing in through the identity provider of pysaml2, which reads Roster's metadata. Beside the administrator's work
// nothing needs a browser: cookies, redirects and the form that comes back.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { GOOD, TestApp } from "../browser/app.mjs";
import { SIGNED, UNSIGNED, addsConnection, enables, makeProviderKey, readsMetadata } from "../browser/saml.mjs";
import { here, python } from "./programs.mjs";

const ADA = { organization: "Analytical Engines", name: "Ada Lovelace", email: "ada@example.org", password: GOOD };

test("pysaml2 is let in when it signs, and refused when it does not", () =>
  TestApp.empty(
    async (app) => {
      const ada = await app.person();
      await ada.movesIn(ADA);
      // The provider asks for Roster's metadata before it has its own to give.
      const connection = await addsConnection(ada, "Acme");
      const id = connection.split("/").pop();
      const provider = await startProvider(app, `${app.url}/sso/saml/${id}`);
      try {
        await ada.goes(`${connection}/edit`);
        await readsMetadata(ada, { address: provider.address });
        await ada.presses(/^save/i);
        await ada.sees(/the connection is saved/i);
        await enables(ada, connection);

        for (const signed of SIGNED) {
          const grace = new Visitor(app);
          const end = await grace.signsIn(id, signed);
          await ada.goes(connection); // which says why, if it was refused
          await ada.seesNot(/latest sign-in was refused/i);
          assert.equal(end.status, 303);
          const home = await grace.opens(end.headers.get("location"));
          assert.equal(home.status, 200);
          assert.match(await home.text(), /Grace Hopper/);
        }
        const end = await new Visitor(app).signsIn(id, UNSIGNED);
        assert.match(await end.text(), /The sign-in did not work/);
        await ada.goes(connection);
        await ada.sees(/neither the response nor the assertion is signed/i);
        await ada.sees("1 person is connected");
      } finally {
        await provider.close();
      }
    },
    { settings: { ROSTER_OUTBOUND_ALLOW: "127.0.0.0/8" } },
  ));

async function startProvider(app, metadata) {
  makeProviderKey(app.folder);
  const files = ["provider.key", "provider.pem"].map((name) => join(app.folder, name));
  const program = spawn(python, [join(here, "saml_provider.py"), ...files, metadata], {
    env: { PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const kill = () => program.kill("SIGKILL");
  process.once("exit", kill);
  const ended = once(program, "exit");
  const [line] = await Promise.race([once(program.stdout, "data"), ended]);
  assert.match(String(line), /^http:/, "the provider has ended");
  const close = () => {
    kill();
    process.off("exit", kill);
    return ended;
  };
  return { address: String(line).trim(), close };
}

/** Somebody with cookies and no browser. */
class Visitor {
  #cookies = new Map();

  constructor(app) {
    this.app = app;
  }

  async opens(path) {
    const cookie = [...this.#cookies].map((pair) => pair.join("=")).join("; ");
    const answer = await fetch(new URL(path, this.app.url), { headers: { cookie }, redirect: "manual" });
    for (const set of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set);
      this.#cookies.set(name, value);
    }
    return answer;
  }

  /** From the link of the sign-in page to the end of the sign-in: a redirect into Roster, or a page. */
  async signsIn(connection, signed) {
    const begun = await this.opens(`/sso/${connection}/start`);
    const there = new URL(begun.headers.get("location"));
    there.protocol = "http:";
    for (const [part, isSigned] of Object.entries(signed)) if (isSigned) there.searchParams.set(part, "1");
    const page = await (await fetch(there)).text();
    const [, acs] = /action="([^"]+)"/.exec(page);
    const fields = [...page.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]);
    // Like a browser: from another site no cookie comes along.
    const headers = { origin: there.origin, "sec-fetch-site": "cross-site" };
    const posted = await fetch(acs, { method: "POST", body: new URLSearchParams(fields), headers, redirect: "manual" });
    assert.equal(posted.status, 303, await posted.text());
    return this.opens(posted.headers.get("location"));
  }
}
