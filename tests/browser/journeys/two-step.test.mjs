// A second step: an app, a passkey on the device, recovery codes, and what an organization can ask of everybody.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "../checks.mjs";
import { GOOD, TestApp } from "../app.mjs";

const STEP = 30_000;

/** The code that an authenticator app with this key shows in that step (RFC 6238). */
function code(key, step) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...key.replaceAll(" ", "")].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", secret).update(counter).digest();
  const number = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** A device that verifies its owner and keeps passkeys. */
async function device(person) {
  const session = await person.page.context().newCDPSession(person.page);
  await session.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true };
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: { ...options, automaticPresenceSimulation: true },
  });
  return {
    verify: (isUserVerified) => session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
    // Somebody who is there answers at once, also what the sign-in page offers beside the name.
    isThere: (enabled) => session.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled }),
  };
}

test("an app and recovery codes guard a sign-in, and an organization can require them", () =>
  TestApp.empty(async (app) => {
    const ada = await app.person();
    await ada.movesIn({ organization: "Analytical Engines", name: "Ada Lovelace", email: "ada@example.org", password: GOOD });
    const { home } = ada;

    await ada.goes(`${home}/me/two-step`);
    await inspect(ada, "two-step-off");
    await ada.presses(/^set up$/i);
    await ada.lands(/^\/two-step\/authenticator/);
    await inspect(ada, "two-step-authenticator");
    const key = await ada.page.locator("#key").inputValue();
    let step = Math.floor(Date.now() / STEP);
    await ada.fills([/^code/i, "000000"]);
    await ada.presses(/turn it on/i);
    await ada.sees(/not the code/i);
    await ada.fills([/^code/i, code(key, step)]);
    await ada.presses(/turn it on/i);
    await ada.sees(/shown only this once/i);
    await inspect(ada, "two-step-codes");
    const codes = (await ada.page.locator("#codes").innerText()).trim().split(/\s+/);
    assert.equal(codes.length, 10);
    const downloading = ada.page.waitForEvent("download");
    await ada.presses(/^download$/i);
    assert.equal((await downloading).suggestedFilename(), "roster-recovery-codes.txt");
    await ada.presses(/i have kept them/i);
    await ada.sees(/two-step sign-in is on/i);
    await inspect(ada, "two-step-on");

    await ada.goes(`${home}/settings/two-step`);
    await inspect(ada, "two-step-requirement");
    await ada.invites("grace@example.org");
    await ada.goes(`${home}/settings/two-step`);
    await ada.fills([/days/i, "14"]);
    await ada.presses(/^require two-step/i);
    await ada.sees(/required from/i);
    await inspect(ada, "two-step-requirement-due");

    const grace = await app.person();
    await grace.accepts((await app.inbox.waitFor("grace@example.org")).link("/invitation/"), {
      name: "Grace Hopper",
      email: "grace@example.org",
      password: GOOD,
    });
    await grace.sees(/opens only to people with two-step sign-in/i);
    await inspect(grace, "two-step-reminder");
    await ada.fills([/days/i, "0"]);
    await ada.presses(/^save/i);
    await ada.sees(/required of everybody/i);
    await grace.goes(`${home}/users`);
    await grace.lands(/^\/two-step$/);
    await inspect(grace, "two-step-demanded");

    await ada.goes(`${home}/users`);
    await ada.signsOut();
    await ada.signsIn("ada@example.org", GOOD);
    await ada.lands(/^\/sign-in\/second-step/);
    await inspect(ada, "second-step");
    while (Math.floor(Date.now() / STEP) === step) await sleep(500);
    step = Math.floor(Date.now() / STEP);
    await ada.fills([/^code/i, code(key, step)]);
    await ada.presses(/^continue/i);
    await ada.lands(/^\/o\//);
    await ada.signsOut();
    await ada.signsIn("ada@example.org", GOOD);
    await ada.lands(/^\/sign-in\/second-step/);
    await ada.fills([/^code/i, codes[3].toUpperCase()]);
    await ada.presses(/^continue/i);
    await ada.lands(/^\/o\//);

    await ada.goes("/sign-in/again?next=/two-step");
    await inspect(ada, "prove-again");
    await ada.fills([/^password/i, GOOD], [/^code/i, codes[4]]);
    await ada.presses(/^continue/i);
    await ada.lands(/^\/two-step$/);
  }));

test("a passkey is added, is the second step, signs in alone, and is removed", () =>
  TestApp.empty(async (app) => {
    const ada = await app.person();
    await ada.movesIn({ organization: "Analytical Engines", name: "Ada Lovelace", email: "ada@example.org", password: GOOD });
    const { home } = ada;
    const { verify, isThere } = await device(ada);

    await ada.goes(`${home}/me/two-step`);
    await ada.presses(/add a passkey/i);
    await ada.lands(/^\/two-step\/passkeys\/new/);
    await inspect(ada, "passkey-new");
    await ada.fills([/^name/i, "Ada’s laptop"]);
    await ada.presses(/create the passkey/i);
    await ada.sees(/shown only this once/i);
    await ada.presses(/i have kept them/i);
    await ada.sees("Ada’s laptop");
    await inspect(ada, "passkey-added");

    // The device does not make a second one for the same person.
    await ada.presses(/add a passkey/i);
    await ada.presses(/create the passkey/i);
    await ada.sees(/has a passkey for you already/i);

    await ada.goes(`${home}/users`);
    await isThere(false);
    await ada.signsOut();
    await ada.signsIn("ada@example.org", GOOD);
    await ada.lands(/^\/sign-in\/second-step/);
    await isThere(true);
    await inspect(ada, "second-step-passkey");
    await verify(false);
    await ada.presses(/use a passkey/i);
    await ada.sees(/try again/i);
    await verify(true);
    await ada.presses(/use a passkey/i);
    await ada.lands(/^\/o\//);

    await isThere(false);
    await ada.signsOut();
    await inspect(ada, "sign-in-passkey");
    // What the page asked by itself is over with the press; the device answers what is asked from now on.
    await isThere(true);
    await ada.presses(/sign in with a passkey/i);
    await ada.lands(/^\/o\//);
    await ada.goes("/sign-in/again?next=/two-step");
    await inspect(ada, "prove-again-passkey");
    await ada.presses(/use a passkey/i);
    await ada.lands(/^\/two-step$/);

    await ada.goes(`${home}/me/two-step`);
    await ada.presses(/^rename/i);
    await inspect(ada, "passkey-rename");
    await ada.fills([/^name/i, "The laptop in the library"]);
    await ada.presses(/save the name/i);
    await ada.sees("The laptop in the library");
    await ada.presses(/^remove/i);
    await inspect(ada, "passkey-removal");
    await ada.presses(/remove the passkey/i);
    await ada.sees(/two-step sign-in is off/i);
    assert.match((await app.inbox.waitFor("ada@example.org")).subject ?? "", /passkey/i);

    await ada.goes(`${home}/users`);
    await isThere(false);
    await ada.signsOut();
    await ada.goes("/sign-in/passkey");
    await isThere(true);
    await ada.presses(/use a passkey/i);
    await ada.sees(/not known here/i);
    await ada.signsIn("ada@example.org", GOOD).catch(() => {});
  }));
