// SCIM from outside: a conformance test and a client that others wrote, what Entra ID and Okta send, random filters against
// an evaluator of our own, attacks, and load.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { Roster } from "../bench/roster.mjs";
import { engine } from "../browser/app.mjs";
import { Cluster, ask as askProcess } from "./cluster.mjs";
import { ask as askApi } from "./credentials.mjs";
import { full, here, program } from "./programs.mjs";

const run = promisify(execFile);
const CORE = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const ERROR = "urn:ietf:params:scim:api:messages:2.0:Error";

// ── A provisioning client ─────────────────────────────────────────────────────────────────────────────────────────

const TOKEN = /^rst_s_[0-9A-Za-z]{57}$/m;

/** What `roster provisioning create` takes. */
const creation = (organization, name, options) => ["provisioning", "create", "--organization", organization, "--name", name, ...options];

/** What an identity provider has of Roster: an address and a token. */
class ProvisioningClient {
  static async create(app, { name = "Entra ID", organization = app.administrator.organization, options = [] } = {}) {
    const { stdout } = await run(process.env.ROSTER_BIN, creation(organization, name, options), { env: app.environment });
    const token = TOKEN.exec(stdout)?.[0];
    assert.ok(token, `no token: ${stdout}`);
    return new ProvisioningClient(app, { authorization: `Bearer ${token}` }, token);
  }

  constructor(app, headers, token) {
    Object.assign(this, { app, headers, token, base: `${app.url}/scim/v2` });
  }

  /** One request. What holds for every answer is checked here. */
  async ask(method, path, body, headers = {}) {
    const sent = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
    const answer = await fetch(this.base + encoded(path), {
      method,
      headers: { ...this.headers, ...(sent !== undefined && { "content-type": "application/scim+json" }), ...headers },
      body: sent,
      redirect: "manual",
    });
    const text = await answer.text();
    const told = `${method} ${path.slice(0, 300)}: ${answer.status} ${text.slice(0, 2_000)}`;
    assert.ok(answer.status < 500 || answer.status === 501, told);
    assert.doesNotMatch(text, /"password"\s*:/i, told);
    if (text === "") return { status: answer.status, headers: answer.headers, text, told };
    const isParsed = (answer.headers.get("content-type") ?? "").startsWith("application/scim+json");
    return { status: answer.status, headers: answer.headers, text, told, body: isParsed ? JSON.parse(text) : undefined };
  }

  /** Same for a request that must succeed. Returns what was answered. */
  async does(method, path, body) {
    const answer = await this.ask(method, path, body);
    assert.ok(answer.status >= 200 && answer.status < 300, answer.told);
    return answer.body;
  }

  /** Same for a request that must be refused, with an error as RFC 7644 describes it. */
  async refused(statuses, method, path, body, { scimType, headers } = {}) {
    const answer = await this.ask(method, path, body, headers);
    assertError(answer, statuses, scimType);
    return answer;
  }

  /** All users that match, page by page. Every page has to tell the true total. */
  async list(filter, count = 100) {
    const resources = [];
    for (;;) {
      const wanted = filter ? `&filter=${encodeURIComponent(filter)}` : "";
      const page = await this.does("GET", `/Users?startIndex=${resources.length + 1}&count=${count}${wanted}`);
      resources.push(...(page.Resources ?? []));
      if (page.totalResults <= resources.length || !page.Resources?.length) return { resources, total: page.totalResults };
    }
  }
}

/** A path that was written for people is encoded; others are sent as they are. */
function encoded(path) {
  if (!/[ "]/.test(path)) return path;
  const [place, query = ""] = path.split(/\?(.*)/s);
  const pairs = query.split("&").map((pair) => pair.split(/=(.*)/s).slice(0, 2));
  return `${place}?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}`;
}

function assertError(answer, statuses, scimType) {
  const { told, status, body } = answer;
  assert.ok([statuses].flat().includes(status), `not ${statuses}: ${told}`);
  assert.match(answer.headers.get("content-type") ?? "", /^application\/scim\+json/, told);
  assert.deepEqual(body.schemas, [ERROR], told);
  assert.equal(body.status, String(status), told);
  if (scimType) assert.ok([scimType].flat().includes(body.scimType), `not ${scimType}: ${told}`);
}

/** Does this for each, eight at a time. */
async function each(list, work) {
  const left = [...list].entries();
  const worker = async () => {
    for (const [at, one] of left) await work(one, at);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

const person = (name, more = {}) => ({
  schemas: [CORE],
  userName: `${name}@example.org`,
  externalId: `external ${name}`,
  displayName: name,
  emails: [{ type: "work", primary: true, value: `${name}@example.org` }],
  active: true,
  ...more,
});

const patch = (...operations) => ({ schemas: [PATCH_OP], Operations: operations });

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

/** The value at a dotted path. A key may have dots itself, as the names of schemas do. */
function at(value, path) {
  if (value === null || typeof value !== "object") return undefined;
  if (path in value) return value[path];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const found = path.slice(0, dot) in value ? at(value[path.slice(0, dot)], path.slice(dot + 1)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

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

/** RFC 7643, section 2.5: null and an empty list are the same as nothing. */
const isUnassigned = (value) => value === undefined || value === null || (Array.isArray(value) && value.length === 0);

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

// ── Random filters ────────────────────────────────────────────────────────────────────────────────────────────────

/** Random numbers from 0 to 1 that can be repeated (mulberry32). */
function randomNumbers(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const seed = Number(process.env.ROSTER_TEST_SEED ?? 20261130);
const random = randomNumbers(seed);
const below = (limit) => Math.floor(random() * limit);
const oneOf = (list) => list[below(list.length)];
const happens = (chance) => random() < chance;

/** Nanoseconds since 1970. */
function instant(text) {
  const [, time, fraction = "", zone] = /^([^.Z+]*?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  return BigInt(Date.parse(time + zone)) * 1_000_000n + BigInt(fraction.padEnd(9, "0").slice(0, 9));
}

/** The same instant, told with another offset. */
function withOffset(text) {
  const fraction = /\.\d+/.exec(text)?.[0] ?? "";
  const shifted = new Date(Number(instant(text) / 1_000_000_000n) * 1_000 + 2 * 3_600_000);
  return shifted.toISOString().replace(/\.\d+Z/, `${fraction}+02:00`);
}

const insensitive = (text) => text.toLowerCase();
const exact = (text) => text;
const ORDER = ["eq", "ne", "gt", "ge", "lt", "le", "pr"];
const TEXT = [...ORDER, "co", "sw", "ew"];

/** How an attribute is read from a user, how its values are compared, and by which operators. */
const ATTRIBUTES = {
  userName: [insensitive, TEXT],
  displayName: [insensitive, TEXT],
  "name.familyName": [insensitive, TEXT],
  "name.givenName": [insensitive, TEXT],
  externalId: [exact, TEXT],
  title: [insensitive, TEXT],
  active: [exact, ["eq", "ne", "pr"]],
  "emails.value": [insensitive, TEXT],
  "meta.created": [instant, ORDER],
};

const COMPARISONS = {
  eq: (a, b) => a === b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  co: (a, b) => a.includes(b),
  sw: (a, b) => a.startsWith(b),
  ew: (a, b) => a.endsWith(b),
};

function valuesOf(user, attribute) {
  const found = attribute === "emails.value" ? (user.emails ?? []).map((email) => email.value) : [at(user, attribute)];
  return found.filter((value) => value !== undefined && value !== null && value !== "");
}

/** Whether a user matches. A value of several is enough; `ne` is that `eq` is not so, hence also for users without a value. */
function holds(filter, user) {
  switch (filter.op) {
    case "and":
      return filter.of.every((one) => holds(one, user));
    case "or":
      return filter.of.some((one) => holds(one, user));
    case "not":
      return !holds(filter.of[0], user);
    case "pr":
      return valuesOf(user, filter.attribute).length > 0;
    case "ne":
      return !holds({ ...filter, op: "eq" }, user);
    default: {
      const [key] = ATTRIBUTES[filter.attribute];
      return valuesOf(user, filter.attribute).some((value) => COMPARISONS[filter.op](key(value), key(filter.value)));
    }
  }
}

/** Mostly a value that somebody has, or a part of it. */
function someValue(attribute, op, users) {
  const [key] = ATTRIBUTES[attribute];
  const value = oneOf(users.flatMap((user) => valuesOf(user, attribute)));
  if (attribute === "active") return happens(0.5);
  if (attribute === "meta.created") return happens(0.3) ? withOffset(value) : value;
  if (happens(0.1)) return oneOf(["nobody", "%", "_", "\\", '"', "é", "ö", "O'", "a b", " ", "*", "x') or 1=1 --"]);
  const from = op === "ew" || op === "co" ? below(value.length) : 0;
  const to = op === "sw" || op === "co" ? from + 1 + below(value.length - from) : value.length;
  const part = value.slice(from, to);
  if (key === exact) return happens(0.2) ? part.toUpperCase() : part;
  return happens(0.5) ? oneOf([part.toUpperCase(), part.toLowerCase()]) : part;
}

function someFilter(depth, users) {
  if (depth > 0 && happens(0.6)) {
    const op = oneOf(["and", "or", "not"]);
    const of = Array.from({ length: op === "not" ? 1 : 2 }, () => someFilter(depth - 1, users));
    return { op, of };
  }
  const attribute = oneOf(Object.keys(ATTRIBUTES));
  const op = oneOf(ATTRIBUTES[attribute][1]);
  return { op, attribute, value: op === "pr" ? undefined : someValue(attribute, op, users) };
}

/** As text, with only the parentheses that are needed, and sometimes others; `and` binds more tightly than `or`. */
function written(filter, within = "or") {
  const { op, of } = filter;
  const spelled = happens(0.1) ? op.toUpperCase() : op;
  let text;
  if (op === "not") text = `${spelled} (${written(of[0])})`;
  else if (of) text = of.map((one) => written(one, op)).join(` ${spelled} `);
  else {
    const attribute = oneOf([filter.attribute, filter.attribute, filter.attribute.toLowerCase(), `${CORE}:${filter.attribute}`]);
    text = op === "pr" ? `${attribute} ${spelled}` : `${attribute} ${spelled} ${JSON.stringify(filter.value)}`;
  }
  return (op === "or" && within === "and") || happens(0.1) ? `(${text})` : text;
}

const GIVEN = ["Ada", "ADA", "Élodie", "élodie", "Özgür", "Жанна", "Anne Marie", "Grace", "Zoë"];
const FAMILIES = ["Lovelace", "lovelace", "O'Brien", "Ünal", "Петрова", "van der Berg", "Vance_Smith", "Hopper", "A-B"];
const TITLES = ["Engineer", "engineer", "100% Engineer", "Head_of", 'So-called "Boss"', "Back\\slash", "Émigré", "Chief of Staff"];

/** People of whom many lack something. The letters of user names are such that no two look alike. */
function somePerson(number) {
  const name = `${oneOf(["Ada", "eve", "Xu"])}.${"bcdfghjkmnpqrstvwxyz"[number % 20]}${"aeu"[Math.floor(number / 20)]}`;
  const [givenName, familyName] = [oneOf(GIVEN), oneOf(FAMILIES)];
  const address = (type) => ({ type, value: `${name}.${type}@${oneOf(["Example.org", "example.com"])}` });
  const emails = ["work", "home"].slice(0, oneOf([0, 1, 1, 1, 2])).map(address);
  return {
    schemas: [CORE],
    userName: `${name}@filters.example`,
    ...(happens(0.8) && { externalId: oneOf(["Ab-", "aB-", "AB-"]) + number }),
    ...(happens(0.8) && { displayName: `${givenName} ${familyName}` }),
    ...(happens(0.8) && { name: { givenName, ...(happens(0.8) && { familyName }) } }),
    ...(happens(0.6) && { title: oneOf(TITLES) }),
    ...(emails.length > 0 && { emails }),
    active: happens(0.7),
  };
}

test("random filters find whom an evaluator over all users finds", { timeout: 300_000 }, () =>
  full(async (app) => {
    const client = await ProvisioningClient.create(app);
    for (let number = 0; number < 60; number += 1) await client.does("POST", "/Users", somePerson(number));
    const { resources: users, total } = await client.list();
    assert.equal(total, users.length);
    assert.equal(new Set(users.map(({ id }) => id)).size, users.length, "somebody is on two pages");
    assert.ok(users.length >= 60);

    const wrong = [];
    let hits = 0;
    for (let number = 0; number < 300; number += 1) {
      const filter = someFilter(3, users);
      const text = written(filter);
      const count = oneOf([7, 50, 200]);
      const expected = users.filter((user) => holds(filter, user)).map(({ id }) => id);
      hits += expected.length;
      let found;
      if (happens(0.2)) {
        const body = await client.does("POST", "/Users/.search", { schemas: [SEARCH], filter: text, count: 200 });
        found = { resources: body.Resources ?? [], total: body.totalResults };
      } else {
        found = await client.list(text, count);
      }
      const ids = found.resources.map(({ id }) => id);
      if (found.total === expected.length && ids.join() === expected.join()) continue;
      const names = (list) => JSON.stringify(users.filter(({ id }) => list.includes(id)).map(({ userName }) => userName));
      const missing = expected.filter((id) => !ids.includes(id));
      const excess = ids.filter((id) => !expected.includes(id));
      wrong.push(`${text}\n  total ${found.total}, expected ${expected.length}; missing ${names(missing)}, too many ${names(excess)}`);
    }
    assert.ok(hits > 1_000, "the filters find too few to prove anything");
    assert.deepEqual(wrong.slice(0, 10), [], `${wrong.length} filters are wrong (ROSTER_TEST_SEED=${seed})\n${wrong.slice(0, 10).join("\n")}`);
  }),
);

// ── Attacks (section K of the list of attacks) ────────────────────────────────────────────────────────────────────

/** A browser at this Roster in which the administrator is signed in. */
async function withBrowser(app, work) {
  const browser = new Roster();
  try {
    Object.assign(browser, { port: app.port, demo: app.administrator, home: `/o/${app.administrator.organization}` });
    await browser.signsIn();
    return await work(browser);
  } finally {
    browser.close();
  }
}

test("without the token of a provisioning client there is no way in", { timeout: 120_000 }, () =>
  full(async (app) => {
    const entra = await ProvisioningClient.create(app);
    const ada = await entra.does("POST", "/Users", person("ada"));
    const group = await entra.does("POST", "/Groups", { schemas: [GROUP], displayName: "Engines", members: [{ value: ada.id }] });
    const before = await entra.does("GET", `/Users/${ada.id}`);
    const requests = [
      ["GET", "/Users"],
      ["GET", `/Users/${ada.id}`],
      ["GET", "/Groups"],
      ["GET", `/Groups/${group.id}`],
      ["POST", "/Users", person("intruder")],
      ["PUT", `/Users/${ada.id}`, person("ada", { displayName: "Intruder" })],
      ["PATCH", `/Users/${ada.id}`, patch({ op: "replace", path: "active", value: false })],
      ["DELETE", `/Users/${ada.id}`],
      ["POST", "/.search", { schemas: [SEARCH] }],
      ["POST", "/Users/.search", { schemas: [SEARCH], filter: 'userName eq "ada@example.org"' }],
      ["POST", "/Bulk", { schemas: [BULK], Operations: [{ method: "DELETE", path: `/Users/${ada.id}` }] }],
    ];

    // Nobody, and those who are nobody.
    const changed = entra.token.replace(/.$/, (last) => (last === "a" ? "b" : "a"));
    const wrong = ["Bearer", "Bearer rst_s_", `Bearer ${changed}`, `Bearer ${entra.token}x`, `Token ${entra.token}`];
    let strangers = 0;
    for (const authorization of [undefined, ...wrong]) {
      const stranger = new ProvisioningClient(app, authorization === undefined ? {} : { authorization });
      for (const [method, path, body] of requests) {
        // Each from an address of its own: from one, the limit on wrong credentials would soon answer 429.
        strangers += 1;
        const headers = { "x-forwarded-for": `198.18.0.${strangers}` };
        const answer = await stranger.refused([401], method, path, body, { headers });
        assert.match(answer.headers.get("www-authenticate") ?? "", /^Bearer/i);
        assert.ok(!answer.text.includes(ada.id), answer.told);
      }
    }
    await new ProvisioningClient(app, {}).refused([400, 401], "GET", `/Users?access_token=${entra.token}`);

    // An administrator's browser, the system account of an administrator, which may read at most, and one without rights.
    await withBrowser(app, async (browser) => {
      const cookie = new ProvisioningClient(app, { cookie: browser.cookie(), origin: app.url, "sec-fetch-site": "same-origin" });
      for (const request of requests) await cookie.refused([401, 403], ...request);
      const token = await browser.token();
      const account = new ProvisioningClient(app, { authorization: `Bearer ${token}` });
      for (const request of requests) {
        const answer = await account.ask(...request);
        const isReading = request[0] === "GET" || request[1].endsWith(".search");
        const didNothing = answer.body?.Operations?.every(({ status }) => status === "403");
        if (!(isReading && answer.status === 200) && !didNothing) assertError(answer, [401, 403]);
      }
      const { id } = await askApi(app, token, "POST", "/system_accounts", { name: "without rights" });
      const made = await askApi(app, token, "POST", `/system_accounts/${id}/tokens`, { name: "all", mode: "read_write", expires_at: null });
      const powerless = new ProvisioningClient(app, { authorization: `Bearer ${made.text}` });
      // By its role CI/CD it may read.
      for (const request of requests) {
        const answer = await powerless.ask(...request);
        const isReading = request[0] === "GET" || request[1].endsWith(".search");
        const didNothing = answer.body?.Operations?.every(({ status }) => status === "403");
        if (!(isReading && answer.status === 200) && !didNothing) assertError(answer, [401, 403]);
      }
    });

    // A provisioning client of another organization sees its own, and its own only.
    await run(process.env.ROSTER_BIN, ["organization", "create", "Elsewhere", "--administrator", "eve@elsewhere.example"], { env: app.environment });
    const elsewhere = await ProvisioningClient.create(app, { name: "Entra ID", organization: "Elsewhere", options: ["--deletes", "--adopts"] });
    for (const [method, path, body] of requests.filter(([, path]) => /s\/.*-/.test(path))) {
      await elsewhere.refused([404], method, path, body);
    }
    const named = ['/Users?filter=userName eq "ada@example.org"', `/Users?filter=id eq "${ada.id}"`, '/Groups?filter=displayName eq "Engines"'];
    for (const path of ["/Users", "/Groups", ...named]) {
      const { text, told } = await elsewhere.ask("GET", path);
      assert.ok(!text.includes(ada.id) && !text.includes(group.id), told);
    }
    const theirs = await elsewhere.does("POST", "/Groups", { schemas: [GROUP], displayName: "Engines" });
    await elsewhere.refused([400, 404], "PATCH", `/Groups/${theirs.id}`, patch({ op: "add", path: "members", value: [{ value: ada.id }] }));
    const bulk = await elsewhere.does("POST", "/Bulk", { schemas: [BULK], Operations: [{ method: "DELETE", path: `/Users/${ada.id}` }] });
    assert.equal(bulk.Operations[0].status, "404");

    // What is told of the service is the same for everybody.
    for (const path of ["/ServiceProviderConfig", "/Schemas", "/ResourceTypes"]) {
      assert.equal((await elsewhere.ask("GET", path)).text, (await entra.ask("GET", path)).text, path);
      await entra.refused([403], "GET", `${path}?filter=id eq "x"`);
    }

    // Nothing of all that changed anything.
    assert.deepEqual(await entra.does("GET", `/Users/${ada.id}`), before);
    assert.equal((await entra.list('userName eq "intruder@example.org"')).total, 0);
  }),
);

test("filters read no secret, inject nothing and exhaust nothing", { timeout: 120_000 }, () =>
  full(async (app) => {
    const client = await ProvisioningClient.create(app);
    await client.does("POST", "/Users", person("ada", { password: "Vq7-secret-of-ada", title: "100% of x_y" }));
    const filtered = (filter, statuses, scimType = "invalidFilter") =>
      client.refused(statuses ?? [400], "GET", `/Users?filter=${encodeURIComponent(filter)}`, undefined, { scimType });

    // Secrets and what is not an attribute.
    for (const filter of [
      "password pr",
      "not (password pr)",
      'password sw "Vq7"',
      'PASSWORD eq "x"',
      `${CORE}:password pr`,
      'userName pr or password co "V"',
      'emails[password eq "x"]',
      'organization_id eq "x"',
      'members.name eq "x"',
      'userName; drop table members eq "x"',
    ]) {
      await filtered(filter);
      await client.refused([400], "POST", "/Users/.search", { schemas: [SEARCH], filter }, { scimType: "invalidFilter" });
    }
    await client.refused([400], "GET", "/Users?sortBy=password");
    // That no answer has a password is checked in each.
    for (const query of ["attributes=password", "attributes=userName,password", "excludedAttributes=userName"]) {
      await client.ask("GET", `/Users?${query}`);
    }

    // No filter at all.
    for (const filter of [
      "userName",
      "userName eq",
      'userName eq "ada',
      'userName eq "x" or "1"="1"',
      "userName eq 'ada@example.org'",
      'userName eq "x" or',
      'userName is "x"',
      'active gt true',
      'active co "t"',
      'meta.created gt "yesterday"',
      'userName eq "x")',
      'emails[type eq "work"',
      "\u0000",
    ]) {
      await filtered(filter);
    }

    // Signs that mean something to a database.
    for (const value of ["x' or '1'='1", "x' or 1=1 --", "%", "_da@example.org", "ada@example.or_", "\\", "*"]) {
      for (const op of ["eq", "sw", "ew", "co"]) {
        const { total } = await client.list(`userName ${op} ${JSON.stringify(value)} and externalId eq "external ada"`);
        assert.equal(total, 0, `userName ${op} ${value}`);
      }
    }
    for (const [value, total] of [["100% of", 1], ["x_y", 1], ["xzy", 0], ["100%%", 0], ["1%x", 0]]) {
      assert.equal((await client.list(`title co ${JSON.stringify(value)}`)).total, total, value);
    }

    // Too deep, too long, too many.
    const deep = `${"(".repeat(100_000)}userName pr${")".repeat(100_000)}`;
    const tooMuch = ["invalidFilter", "tooMany"];
    await client.refused([400], "POST", "/Users/.search", { schemas: [SEARCH], filter: deep }, { scimType: tooMuch });
    const nots = `${"not (".repeat(20_000)}userName pr${")".repeat(20_000)}`;
    await client.refused([400], "POST", "/Users/.search", { schemas: [SEARCH], filter: nots }, { scimType: tooMuch });
    const terms = Array(10_000).fill("userName pr").join(" or ");
    await client.refused([400], "POST", "/Users/.search", { schemas: [SEARCH], filter: terms }, { scimType: tooMuch });
    await filtered(`${"(".repeat(5_000)}userName pr${")".repeat(5_000)}`, [400], tooMuch);
    await filtered(`userName eq "${"x".repeat(10_000)}"`, [400], tooMuch);
    // So long an address is refused before it is read.
    await client.refused([414], "GET", `/Users?filter=${"(".repeat(33_000)}`);

    // Pages.
    const page = await client.does("GET", "/Users?count=1000000000");
    assert.ok(page.Resources.length <= 200 && page.itemsPerPage === page.Resources.length, `${page.itemsPerPage} on a page`);
    const { totalResults } = page;
    for (const start of ["-1", "0", "-9223372036854775808"]) {
      const first = await client.does("GET", `/Users?startIndex=${start}&count=1`);
      assert.deepEqual([first.startIndex, first.totalResults, first.Resources[0].id], [1, totalResults, page.Resources[0].id]);
    }
    for (const count of ["0", "-1"]) {
      const none = await client.does("GET", `/Users?count=${count}`);
      assert.deepEqual([none.totalResults, none.Resources ?? []], [totalResults, []]);
    }
    const far = await client.does("GET", "/Users?startIndex=1000000&count=10");
    assert.deepEqual([far.totalResults, far.Resources ?? []], [totalResults, []]);
    for (const query of ["startIndex=9223372036854775808", "count=99999999999999999999999", "startIndex=9223372036854775807&count=200"]) {
      const answer = await client.ask("GET", `/Users?${query}`);
      assert.ok([200, 400].includes(answer.status), answer.told);
    }
    await client.refused([400], "GET", "/Users?count=many");
    assert.ok(!app.log.includes("Vq7-secret"), "a password is in the log");
  }),
);

test("bodies that are wrong or too large are refused and change nothing", { timeout: 120_000 }, () =>
  full(async (app) => {
    const client = await ProvisioningClient.create(app, { options: ["--deletes"] });
    const { body: ada } = await client.ask("POST", "/Users", person("ada"), { "content-type": "application/json; charset=utf-8" });
    const group = await client.does("POST", "/Groups", { schemas: [GROUP], displayName: "Engines" });
    const before = await client.list();
    const [user, team] = [`/Users/${ada.id}`, `/Groups/${group.id}`];
    const secret = "Zk3-never-to-be-seen";

    // No JSON, or not an object.
    const nested = `{"a":${'{"a":'.repeat(50_000)}`;
    const wrongBodies = ["", "{", "[]", "null", '"x"', "[".repeat(100_000), nested, '{"userName":"\\ud800"}', "\u0000"];
    const readers = [
      ["POST", "/Users"],
      ["PUT", user],
      ["PATCH", user],
      ["POST", "/Groups"],
      ["PATCH", team],
      ["POST", "/Bulk"],
    ];
    for (const body of wrongBodies) for (const [method, path] of readers) await client.refused([400], method, path, body);
    for (const body of wrongBodies.slice(1, -2)) await client.refused([400], "POST", "/Users/.search", body);
    const typed = await client.ask("POST", "/Users", person("typed"), { "content-type": "text/plain" });
    assert.ok([400, 415].includes(typed.status), typed.told);

    // Users that are none. What is said of a value does not repeat the password beside it.
    for (const wrong of [
      { externalId: 12 },
      { externalId: ["x"] },
      { externalId: "x".repeat(10_240) },
      { userName: undefined },
      { userName: "" },
      { userName: 12 },
      { userName: ["a", "b"] },
      { userName: "x".repeat(10_240) },
      { active: 1 },
      { active: "perhaps" },
      { emails: "wrong@example.org" },
      { emails: [{ type: "work", value: ["a@example.org", "b@example.org"] }] },
      { name: "Wrong" },
      { displayName: { formatted: "Wrong" } },
    ]) {
      const body = { ...person("wrong"), password: secret, ...wrong };
      const { text, told } = await client.refused([400], "POST", "/Users", body, { scimType: ["invalidValue", "invalidSyntax"] });
      assert.ok(!text.includes(secret), told);
    }
    const twice = [1, 2].map((number) => ({ type: "work", value: `wrong${number}@example.org`, primary: true }));
    const primaries = await client.ask("POST", "/Users", person("wrong", { emails: twice }));
    if (primaries.status === 201) {
      assert.equal(primaries.body.emails.filter(({ primary }) => primary).length, 1, primaries.told);
      await client.does("DELETE", `/Users/${primaries.body.id}`);
    } else assertError(primaries, [400]);

    // Patches that are none.
    for (const [operations, scimType] of [
      [[{ op: "move", path: "title", value: "x" }]],
      [[{ op: "remove" }], "noTarget"],
      [[{ op: "replace", path: 'emails[type eq "work"', value: "x" }], ["invalidPath", "invalidFilter"]],
      [[{ op: "replace", path: "nothing.like.this[", value: "x" }], "invalidPath"],
      [[{ op: "replace", path: "id", value: randomUUID() }], "mutability"],
      [[{ op: "replace", path: "active", value: "perhaps" }], "invalidValue"],
      [[{ op: "replace", path: "externalId", value: 12 }], "invalidValue"],
      [[]],
      [undefined],
    ]) {
      await client.refused([400], "PATCH", user, { schemas: [PATCH_OP], Operations: operations }, { scimType });
    }
    await client.refused([400], "PATCH", team, patch({ op: "add", path: "members", value: [{ value: group.id, type: "Group" }] }));
    await client.refused([400, 404], "PATCH", team, patch({ op: "add", path: "members", value: [{ value: "not an id" }] }));

    // Too many operations.
    const titles = Array.from({ length: 10_001 }, (_, number) => ({ op: "replace", path: "title", value: `${number}` }));
    await client.refused([400, 413], "PATCH", user, patch(...titles));
    const creates = (name, path, data) => ({ method: "POST", path, bulkId: name, data });
    const creations = Array.from({ length: 101 }, (_, number) => creates(`b${number}`, "/Users", person(`bulk${number}`)));
    await client.refused([413], "POST", "/Bulk", { schemas: [BULK], Operations: creations });
    const strange = [
      { method: "GET", path: user },
      creates("x", "/Bulk", {}),
      { method: "PUT", path: "/Users/bulkId:none", data: person("wrong") },
    ];
    const bulk = await client.ask("POST", "/Bulk", { schemas: [BULK], Operations: strange });
    if (bulk.status !== 400) for (const { status } of bulk.body.Operations) assert.match(status, /^4\d\d$/, bulk.told);
    const ring = (name, other) => ({ schemas: [GROUP], displayName: `Ring ${name}`, members: [{ value: `bulkId:${other}` }] });
    const both = [creates("a", "/Groups", ring("a", "b")), creates("b", "/Groups", ring("b", "a"))];
    const rings = await client.ask("POST", "/Bulk", { schemas: [BULK], Operations: both });
    for (const { status, location } of rings.body.Operations ?? []) {
      assert.match(status, /^(201|4\d\d)$/, rings.told);
      if (status === "201") await client.does("DELETE", location.slice(client.base.length));
    }

    // Two megabytes, with and without a length that says so.
    for (const path of ["/Users", "/Bulk", "/.search"]) {
      assertError(await large(client, path, true), [413]);
      const status = (await large(client, path, false)).status;
      assert.ok(status === 413 || status === 0, `${path} in chunks: ${status}`);
    }

    // Places and methods that do not exist.
    const swapped = [`/Users/${group.id}`, `/Groups/${ada.id}`, `/Users/${randomUUID()}`];
    for (const path of ["/Nothing", "/Users/not-an-id", ...swapped, "/Users/..%2fGroups", "/Schemas/urn:none", "/ResourceTypes/None"]) {
      await client.refused([404], "GET", path);
    }
    const missing = [
      ["DELETE", "/Users"],
      ["PUT", "/Groups"],
      ["POST", "/Schemas"],
      ["DELETE", "/ServiceProviderConfig"],
    ];
    for (const [method, path] of missing) {
      const answer = await client.ask(method, path, method === "DELETE" ? undefined : {});
      assert.ok([403, 404, 405, 501].includes(answer.status), answer.told);
    }
    await client.refused([501], "GET", "/Me");

    assert.deepEqual(await client.list(), before);
    assert.ok(!app.log.includes(secret), "a password is in the log");
  }),
);

/** Posts two megabytes. An announced length has to be enough for a refusal: the body waits for the answer. */
function large({ app, headers }, path, isAnnounced) {
  const body = Buffer.from(JSON.stringify({ schemas: [CORE], userName: "large", title: "x".repeat(2 * 1024 * 1024) }));
  const sent = { ...headers, host: `localhost:${app.port}`, "content-type": "application/scim+json" };
  if (isAnnounced) sent["content-length"] = body.length;
  const target = { host: "127.0.0.1", port: app.port, method: "POST", path: `/scim/v2${path}`, headers: sent };
  return new Promise((done) => {
    const request = http.request(target, (answer) => {
      let text = "";
      const end = () => {
        const told = `POST ${path}, ${body.length} bytes: ${answer.statusCode} ${text.slice(0, 500)}`;
        const headers = new Headers({ "content-type": answer.headers["content-type"] ?? "" });
        done({ status: answer.statusCode, headers, text, told, body: text.startsWith("{") ? JSON.parse(text) : undefined });
        request.destroy();
      };
      answer.on("data", (part) => (text += part)).on("end", end).on("error", end);
    });
    request.on("error", ({ message }) => done({ status: 0, headers: new Headers(), text: "", told: `POST ${path}: ${message}` }));
    if (isAnnounced) {
      request.flushHeaders();
      setTimeout(() => request.destroyed || request.end(body), 2_000).unref();
    } else {
      request.end(body);
    }
  });
}

test("a provisioning client takes over nobody and gives itself nothing", { timeout: 120_000 }, () =>
  full((app) => withBrowser(app, async (browser) => {
    const entra = await ProvisioningClient.create(app, { options: ["--adopts"] });
    const okta = await ProvisioningClient.create(app, { name: "Okta", options: ["--adopts"] });

    // An external id opens nothing, whatever it looks like.
    const ada = await entra.does("POST", "/Users", person("ada", { externalId: "1" }));
    const bert = await entra.does("POST", "/Users", person("bert", { externalId: ada.id }));
    assert.equal((await entra.does("GET", `/Users/${ada.id}`)).userName, "ada@example.org");
    assert.deepEqual((await entra.list(`id eq "${ada.id}"`)).resources.map(({ id }) => id), [ada.id]);
    assert.deepEqual((await entra.list(`externalId eq "${ada.id}"`)).resources.map(({ id }) => id), [bert.id]);
    await entra.refused([404], "GET", "/Users/1");
    await entra.refused([409], "POST", "/Users", person("carl", { externalId: "1" }), { scimType: "uniqueness" });
    await okta.does("POST", "/Users", person("dora", { externalId: "1" }));

    // A name that is taken, in whatever case, by whomever.
    for (const client of [entra, okta]) {
      for (const userName of ["ada@example.org", "ADA@EXAMPLE.ORG", "Ada@example.org"]) {
        await client.refused([409], "POST", "/Users", person("ada", { userName, externalId: randomUUID() }), { scimType: "uniqueness" });
      }
    }
    // Another client's user is not changed.
    await okta.refused([403, 404, 409], "PATCH", `/Users/${ada.id}`, patch({ op: "replace", path: "active", value: false }));
    await okta.refused([403, 404, 409], "PUT", `/Users/${ada.id}`, person("ada", { displayName: "Okta's" }));
    await okta.refused([403, 404, 409], "DELETE", `/Users/${ada.id}`);
    const { active, displayName } = await entra.does("GET", `/Users/${ada.id}`);
    assert.deepEqual([active, displayName], [true, "ada"]);

    // What is the server's is the server's.
    const secret = "Jw8-never-to-be-seen";
    const claims = {
      id: "1",
      meta: { created: "1999-01-01T00:00:00Z", location: "https://evil.example/", version: 'W/"99"', resourceType: "Group" },
      groups: [{ value: randomUUID(), display: "Administrators" }],
      roles: [{ value: "Administrator", primary: true }],
      entitlements: [{ value: "Administrator" }],
      password: secret,
      "urn:ietf:params:scim:schemas:extension:evil:2.0:User": { is_administrator: true },
    };
    const eve = await entra.does("POST", "/Users", person("eve", claims));
    const token = await browser.token();
    const assertOrdinary = async () => {
      const now = await entra.does("GET", `/Users/${eve.id}`);
      assert.equal(now.id, eve.id);
      assert.equal(now.meta.location, `${app.url}/scim/v2/Users/${eve.id}`);
      assert.ok(now.meta.created > "2026" && now.meta.resourceType === "User", JSON.stringify(now.meta));
      assert.ok(isUnassigned(now.groups) && !JSON.stringify(now).includes(secret), JSON.stringify(now));
      const { roles } = await askApi(app, token, "GET", `/users/${eve.id}`);
      assert.ok(!JSON.stringify(roles).includes("Administrator"), JSON.stringify(roles));
    };
    await assertOrdinary();
    await entra.does("PUT", `/Users/${eve.id}`, person("eve", claims));
    await assertOrdinary();
    await entra.ask("PATCH", `/Users/${eve.id}`, patch({ op: "add", path: "roles", value: [{ value: "Administrator" }] }));
    await entra.ask("PATCH", `/Users/${eve.id}`, patch({ op: "replace", value: { password: secret, roles: claims.roles, groups: claims.groups } }));
    await assertOrdinary();
    const events = JSON.stringify(await askApi(app, token, "GET", "/audit_events?limit=200"));
    assert.ok(events.includes(eve.id) && !events.includes(secret), "the audit log tells of her, without a password");
    assert.ok(!app.log.includes(secret), "a password is in the log");

    // The administrator is shown, and cannot be disabled, deleted or renamed.
    const hasTheirAddress = ({ emails }) => emails?.some(({ value }) => value === app.administrator.email);
    const administrator = (await entra.list()).resources.find(hasTheirAddress);
    assert.ok(administrator, "the administrator is not in the list");
    const place = `/Users/${administrator.id}`;
    for (const [method, body] of [
      ["PATCH", patch({ op: "replace", path: "active", value: "False" })],
      ["PATCH", patch({ op: "replace", path: 'emails[type eq "work"].value', value: "eve@evil.example" })],
      ["PUT", { ...administrator, externalId: "administrator", active: false }],
      ["DELETE"],
    ]) {
      await entra.refused([403], method, place, body);
    }
    assert.deepEqual(await entra.does("GET", place), administrator);
    assert.equal((await browser.send("GET", `${browser.home}/users`)).status, 200);
  })),
);

test("no more users are created at once than there are seats", { timeout: 120_000 }, () =>
  full(async (app) => {
    const client = await ProvisioningClient.create(app);
    const roster = async (...args) => (await run(process.env.ROSTER_BIN, args, { env: app.environment })).stdout;
    const { organization } = app.administrator;
    const line = (await roster("organization", "list")).split("\n").find((one) => one.startsWith(organization));
    const taken = Number(/(\d+) of unlimited/.exec(line)[1]);
    await roster("organization", "plan", organization, "--seats", String(taken + 3));

    const answers = await Promise.all(Array.from({ length: 10 }, (_, number) => client.ask("POST", "/Users", person(`seat${number}`))));
    const created = answers.filter(({ status }) => status === 201);
    assert.equal(created.length, 3, answers.map(({ told }) => told).join("\n"));
    for (const answer of answers.filter((one) => !created.includes(one))) {
      assertError(answer, [403]);
      assert.match(answer.body.detail, /seats? .*taken/i);
    }
    assert.equal((await client.list('userName sw "seat"')).total, 3);

    // Who is disabled either keeps the seat, or gets none where somebody else has taken it.
    const one = `/Users/${created[0].body.id}`;
    const [off, on] = [false, true].map((value) => patch({ op: "replace", path: "active", value }));
    await client.does("PATCH", one, off);
    const other = await client.ask("POST", "/Users", person("late"));
    if (other.status === 201) await client.refused([403], "PATCH", one, on); // a disabled person has no seat
    else assertError(other, [403]);
  }),
);

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
