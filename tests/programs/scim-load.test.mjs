// SCIM under load, and by several processes.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { Roster } from "../bench/roster.mjs";
import { engine } from "../browser/app.mjs";
import { Cluster, ask as askProcess } from "./cluster.mjs";
import { full } from "./programs.mjs";
import { ProvisioningClient, TOKEN, creation, each, patch, person } from "./scim.mjs";

// ── Load ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The memory of the server in MiB, which is the child of this process that listens there. */
function memory(app) {
  const read = (pid, file) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, "utf8");
    } catch {
      return ""; // it has ended meanwhile
    }
  };
  const isServer = (pid) => read(pid, "environ").split("\0").includes(`ROSTER_LISTEN=127.0.0.1:${app.port}`);
  const pid = readdirSync("/proc").find((name) => /^\d+$/.test(name) && isServer(name));
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(read(pid, "status"))?.[1]) / 1024);
}

const people = process.env.ROSTER_TEST_LOAD ? 10_000 : 200;

test(`${people} users are provisioned by eight connections, and a tenth of them disabled`, { timeout: 3_600_000 }, () =>
  full(async (app) => {
    const client = await ProvisioningClient.create(app);
    const times = new Map();
    const timed = async (what, method, path, body) => {
      const began = performance.now();
      const answer = await client.does(method, path, body);
      times.set(what, [...(times.get(what) ?? []), performance.now() - began]);
      return answer;
    };
    const before = memory(app);
    const ids = [];
    await each(Array(people), async (_, number) => {
      const name = `load-${number}`;
      const more = { name: { givenName: "Load", familyName: `Number ${number}` }, title: "Tester" };
      const { id } = await timed("create", "POST", "/Users", person(name, more));
      ids.push(id);
    });
    await each(ids.slice(0, people / 10), async (id) => {
      const { active } = await timed("disable", "PATCH", `/Users/${id}`, patch({ op: "Replace", path: "active", value: "False" }));
      assert.equal(active, false);
    });
    await each(Array(people / 10), async (_, number) => {
      const { totalResults } = await timed("find", "GET", `/Users?filter=userName eq "LOAD-${number}@example.org"`);
      assert.equal(totalResults, 1);
    });
    const seen = new Set();
    for (let start = 1; ; start += 100) {
      const { Resources } = await timed("page", "GET", `/Users?filter=userName sw "load-"&startIndex=${start}&count=100`);
      for (const { id } of Resources ?? []) seen.add(id);
      if (!Resources?.length) break;
    }
    const after = memory(app);
    assert.deepEqual(new Set(ids), seen);
    assert.equal(seen.size, people);
    assert.equal((await client.list('userName sw "load-" and active eq false')).total, people / 10);

    const at = (list, part) => list[Math.floor((list.length - 1) * part)].toFixed(1);
    for (const [what, list] of times) {
      list.sort((a, b) => a - b);
      console.log(`${what}: ${list.length} calls, p50 ${at(list, 0.5)} ms, p95 ${at(list, 0.95)} ms`);
    }
    console.log(`memory of the server: ${before} MiB before, ${after} MiB after`);
  }),
);

// ── Two processes ─────────────────────────────────────────────────────────────────────────────────────────────────

const isSkipped = engine !== "postgres" && "SQLite is served by one process";

test("who is disabled through one process is signed out at the next request to another", { timeout: 120_000, skip: isSkipped }, () =>
  Cluster.with(async (cluster) => {
    const { browser, host, processes } = cluster;
    const [one, two] = processes;
    const token = TOKEN.exec(browser.run(...creation(browser.demo.organization, "Entra ID", ["--adopts"])))[0];
    const headers = { authorization: `Bearer ${token}` };
    const scim = async ({ port }, method, path, body) => {
      const answer = await askProcess(port, host, method, `/scim/v2${path}`, { headers, body });
      return { status: answer.status, text: answer.text, body: answer.text ? JSON.parse(answer.text) : undefined };
    };

    // Everybody in the demo who has a password has the same one. Somebody who may be disabled signs in.
    const listed = await scim(one, "GET", "/Users?count=200");
    assert.equal(listed.status, 200, listed.text);
    const place = `${browser.home}/me`;
    const seesPlace = async ({ port }, visitor) => {
      const { status } = await askProcess(port, host, "GET", place, { headers: { cookie: visitor.cookie() } });
      return status === 200;
    };
    for (const { id, emails, active } of listed.body.Resources) {
      const email = emails?.[0]?.value;
      if (!active || !email || email === browser.demo.email) continue;
      const visitor = new Roster();
      try {
        Object.assign(visitor, { port: cluster.port, demo: { ...browser.demo, email } });
        await visitor.signsIn();
        if (!(await seesPlace(two, visitor))) continue; // has no password, or a second factor
        const disabled = await scim(one, "PATCH", `/Users/${id}`, patch({ op: "Replace", path: "active", value: "False" }));
        if (disabled.status === 403) continue; // an administrator
        assert.equal(disabled.status, 200, disabled.text);
        assert.ok(!(await seesPlace(two, visitor)), "the session lives on in another process");
        assert.equal((await scim(two, "GET", `/Users/${id}`)).body.active, false);
        const enabled = await scim(two, "PATCH", `/Users/${id}`, patch({ op: "Replace", path: "active", value: "True" }));
        assert.equal(enabled.status, 200, enabled.text);
        assert.ok(!(await seesPlace(one, visitor)), "the session came back");
        return;
      } finally {
        visitor.close();
      }
    }
    assert.fail("nobody of the demo could sign in and be disabled");
  }),
);
