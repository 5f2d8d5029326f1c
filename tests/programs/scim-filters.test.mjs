// Random filters of SCIM against an evaluator of our own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { full } from "./programs.mjs";
import { CORE, SEARCH, ProvisioningClient, at } from "./scim.mjs";

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
