// Three processes behind a proxy on one PostgreSQL, under load: one is killed, PostgreSQL crashes, and nothing that was
// acknowledged is lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { engine } from "../browser/app.mjs";
import { Clients } from "./clients.mjs";
import { Cluster, ask } from "./cluster.mjs";

/** How long a process may take until it serves again, once its database is back. */
const RECOVERY = 5_000;

/** Waits until it is so; otherwise says what is wrong, and what `state` tells of it. */
async function comes(what, isSo, { within = 20_000, state = () => "" } = {}) {
  for (const end = Date.now() + within; !(await isSo()); await sleep(50)) {
    if (Date.now() > end) assert.fail(`after ${within} ms ${what}${state()}`);
  }
}

/** From now on letters arrive, but the mail server does not say so before `release`. Waits for `count` of them. */
async function lettersInHand(inbox, count) {
  const before = inbox.mails.length;
  let release;
  inbox.acknowledging = new Promise((resolve) => (release = resolve));
  await comes(`fewer than ${count} letters are in hand`, () => inbox.mails.length >= before + count);
  return release;
}

/** The letters of each recipient, by Message-ID, and how often each came. */
function byRecipient(inbox) {
  const letters = new Map();
  for (const { to, headers } of inbox.mails) {
    const of = letters.get(to[0]) ?? new Map();
    letters.set(to[0], of.set(headers.get("message-id"), (of.get(headers.get("message-id")) ?? 0) + 1));
  }
  return letters;
}

/** Everybody in the directory by email, and how often they are in it. */
async function directory(clients) {
  const emails = new Map();
  for (let path = "/api/v1/users?limit=200"; path; ) {
    const answer = await clients.ask("GET", path);
    assert.ok(answer.isGood, answer.text);
    for (const { email } of JSON.parse(answer.text).data) emails.set(email, (emails.get(email) ?? 0) + 1);
    path = /<([^>]+)>; rel="next"/.exec(answer.headers.link ?? "")?.[1];
    if (path) path = path.slice(path.indexOf("/api/"));
  }
  return emails;
}

/** What was acknowledged is there once; what was not is there once or not at all. */
function assertKept(what, sent, count) {
  for (const [name, { answers, done }] of sent) {
    const times = count(name);
    const told = answers.map(({ status, code }) => `${status} ${code ?? ""}`).join(", ");
    assert.ok(done ? times === 1 : times <= 1, `${what} ${name} is there ${times} times, and the answers were ${told}`);
    // An answer that says that nothing was changed is true.
    const says = (text) => text.includes("Nothing was changed");
    const isDenied = says(answers[0].text) && answers.every(({ text, code }) => says(text) || code === "idempotency-key-running");
    assert.ok(!isDenied || times === 0, `${what} ${name} is there, but the answers were ${told}`);
  }
  assert.ok([...sent.values()].filter(({ done }) => done).length > 10, `only ${sent.size} of ${what} were sent`);
}

const isSkipped = engine !== "postgres" && "SQLite is served by one process";

test("one of three processes is killed and PostgreSQL crashes, and nothing acknowledged is lost", { timeout: 120_000, skip: isSkipped }, () =>
  Cluster.with(async (cluster) => {
    const { browser, inbox, postgres, processes } = cluster;
    const [first, ...others] = processes;
    await browser.signsIn();
    const clients = new Clients(cluster, await browser.token());
    const users = JSON.parse((await clients.ask("GET", "/api/v1/users?tab=active&limit=3")).text).data;
    const account = await clients.ask("POST", "/api/v1/system_accounts", { body: { name: "holder" } });
    assert.ok(account.isGood, account.text);
    const directoryPage = `${browser.home}/users`;

    // The load.
    for (const name of ["anna", "bert", "emma", "fred"]) clients.createsUsers(name);
    for (const name of ["carl", "dora"]) clients.invites(name);
    for (const { id } of users.slice(0, 2)) clients.edits(id);
    clients.createsTokens(JSON.parse(account.text).id);
    for (const path of ["/api/v1/me", "/api/v1/users?tab=active&total=true"]) clients.reads(path);
    for (const path of [directoryPage, `${browser.home}/users?tab=invited`]) clients.opens(path);
    await sleep(3_000);

    // A process is killed with a letter in hand: every process sends one letter at a time.
    let release = await lettersInHand(inbox, 3);
    await first.stops("SIGKILL");
    release();
    await sleep(5_000);

    // PostgreSQL crashes while both others have a letter in hand, and is away for three seconds.
    release = await lettersInHand(inbox, 2);
    await postgres.stops("immediate");
    release();
    await sleep(3_000);
    await postgres.starts();
    const recoveries = await Promise.all(others.map((one) => one.isReady(RECOVERY)));
    await sleep(4_000);
    await first.starts();
    await sleep(3_000);
    await clients.end();

    const counts = [...clients.counts].map(([kind, count]) => `${kind}: ${count}`);
    console.log(`${counts.sort().join(", ")}; ready after ${recoveries.join(" and ")} ms`);

    // Every process serves, with the token and the session of before.
    for (const { name, port } of processes) {
      const me = await ask(port, cluster.host, "GET", "/api/v1/me", { headers: clients.authorization });
      assert.equal(me.status, 200, `${name}: ${me.text}`);
      const page = await ask(port, cluster.host, "GET", directoryPage, { headers: { cookie: browser.cookie() } });
      assert.equal(page.status, 200, `${name}: ${page.headers.location}`);
    }

    // What was written.
    const emails = await directory(clients);
    assertKept("user", clients.users, (email) => emails.get(email) ?? 0);
    assertKept("invitation", clients.invitations, (email) => emails.get(email) ?? 0);
    const names = postgres.query("select name from tokens where name like 'token %'");
    assertKept("token", clients.tokens, (name) => names.filter((one) => one === name).length);
    for (const { done } of clients.tokens.values()) {
      if (!done) continue;
      const headers = { authorization: `Bearer ${done.text}` };
      assert.ok((await clients.ask("GET", "/api/v1/me", { headers })).isGood, "a token that was told works");
    }
    for (const [id, { sent, acknowledged }] of clients.edited) {
      const title = Number(JSON.parse((await clients.ask("GET", `/api/v1/users/${id}`)).text).details.title);
      assert.ok(acknowledged > 10 && title >= acknowledged && title <= sent, `${title}, of ${acknowledged} acknowledged and ${sent} sent`);
    }

    // The letters: one is still leased to the process that was killed, and no other.
    const waiting = () => postgres.query("select id from outbox where state = 'waiting'");
    const state = () => {
      const rows = postgres.query("select id, attempts, due_at, leased_until, last_error from outbox where state = 'waiting'");
      return [` at ${new Date().toISOString()}:`, ...rows, ...processes.flatMap(({ log }) => log.split("\n").filter((line) => /letter|outbox/.test(line)))].join("\n");
    };
    await comes("more letters wait than the one in hand", () => waiting().length <= 1, { state });
    const [inHand] = waiting();
    const letters = byRecipient(inbox);
    for (const email of clients.invitations.keys()) {
      const times = [...(letters.get(email)?.values() ?? [])];
      assert.deepEqual(times, emails.has(email) ? [1] : [], `letters to ${email}`);
    }
    // Instead of waiting for five minutes, the test ends the lease.
    postgres.query(`update outbox set due_at = now() where id = '${inHand}'`);
    await comes("the letter in hand was not sent again", () => waiting().length === 0);
    const again = [...byRecipient(inbox).values()].flatMap((of) => [...of]).filter(([, times]) => times > 1);
    assert.deepEqual(again, [[`<${inHand}@example.org>`, 2]]);
    assert.deepEqual(postgres.query("select distinct state from outbox where kind = 'invitation.sent'"), ["sent"]);

    // What clients and the log were told.
    assert.deepEqual(clients.faults, []);
    for (const { name, log } of processes) {
      const troubles = log.split("\n").filter((line) => /panicked at|\bERROR\b/.test(line));
      assert.deepEqual(troubles, [], name);
    }
  }),
);
