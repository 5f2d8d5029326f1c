// SCIM from outside: a conformance test and a client that others wrote, and what Entra ID and Okta send.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { full, here, program } from "./programs.mjs";
import { ProvisioningClient, assertError, at, isUnassigned } from "./scim.mjs";

// ── Programs that others wrote ────────────────────────────────────────────────────────────────────────────────────

async function python(app, subcommand) {
  const { token } = await ProvisioningClient.create(app, { options: ["--deletes"] });
  const environment = { PATH: process.env.PATH, ROSTER_URL: app.url, ROSTER_TOKEN: token };
  const { stdout } = await program("python", [join(here, "scim_tester.py"), subcommand], { env: environment });
  assert.match(stdout, /^nothing is wrong$/m);
}

test("scim2-tester finds no error", { timeout: 300_000 }, () => full((app) => python(app, "check")));

test("scim2-client manages users and groups from their beginning to their end", { timeout: 300_000 }, () => full((app) => python(app, "client")));

// ── What identity providers send ──────────────────────────────────────────────────────────────────────────────────

/** Whether all that is expected is there. The order of a list does not matter, its length does. */
function matches(actual, expected) {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return false;
    const left = [...actual];
    return expected.every((one) => {
      const place = left.findIndex((candidate) => matches(candidate, one));
      return place >= 0 && left.splice(place, 1);
    });
  }
  if (expected === null || typeof expected !== "object") return actual === expected;
  return Object.entries(expected).every(([path, value]) => matches(at(actual, path), value));
}

/** Replaces `{name}` by what was kept under this name. */
function filled(value, kept) {
  if (typeof value === "string") return value.replace(/\{(\w+)\}/g, (whole, name) => kept.get(name) ?? whole);
  if (Array.isArray(value)) return value.map((one) => filled(one, kept));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, kept)]));
}

/** Sends line after line, and holds the answers against what is expected. */
async function replays(client, file) {
  const kept = new Map();
  const passwords = new Set();
  const lines = readFileSync(join(here, "scim", file), "utf8").trim().split("\n");
  for (const [number, line] of lines.entries()) {
    const { name, send, expect, keep = {} } = JSON.parse(line);
    const { method, path, body } = filled(send, kept);
    for (const [, password] of JSON.stringify(body ?? {}).matchAll(/"password":"([^"]+)"/g)) passwords.add(password);
    const answer = await client.ask(method, path, body);
    const told = `${file}:${number + 1}, ${name}\n${answer.told}`;
    assert.ok([expect.status].flat().includes(answer.status), `${told}\nexpected ${expect.status}`);
    const wanted = filled(expect.body ?? {}, kept);
    for (const [path, value] of Object.entries(wanted)) {
      const actual = at(answer.body, path);
      assert.ok(matches(actual, value), `${told}\nexpected ${path}: ${JSON.stringify(value)}\n     but is ${JSON.stringify(actual)}`);
    }
    for (const path of expect.absent ?? []) assert.ok(isUnassigned(at(answer.body, path)), `${told}\n${path} should not be there`);
    if (answer.status >= 400) assertError(answer, answer.status);
    if (answer.status === 201) {
      const { location } = answer.body.meta;
      assert.equal(location, `${client.base}${path}/${answer.body.id}`, told);
      assert.equal(answer.headers.get("location"), location, told);
    }
    for (const [name, path] of Object.entries(keep)) kept.set(name, at(answer.body, path));
    for (const password of passwords) assert.ok(!answer.text.includes(password), `${told}\nhas a password`);
  }
  for (const password of passwords) assert.ok(!client.app.log.includes(password), "a password is in the log");
}

for (const [name, file] of [
  ["Entra ID", "entra.jsonl"],
  ["an Okta app that puts whole users", "okta_put.jsonl"],
  ["an Okta app that patches", "okta_patch.jsonl"],
]) {
  test(`${name} gets the answers that it expects`, { timeout: 120_000 }, () =>
    full(async (app) => replays(await ProvisioningClient.create(app, { name: name.replace(/^an /, "") }), file)));
}
