// Roster's speed, as ratios to a bare actix-web server measured in the same minute. Begin with tests/bench/run.
import { appendFileSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Control, load } from "./load.mjs";
import { Roster, fields } from "./roster.mjs";

const { values: given } = parseArgs({
  options: {
    members: { type: "string", default: "10000" },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    only: { type: "string", default: "" },
  },
});
const members = given.quick ? 600 : Number(given.members);
const seconds = given.quick ? 1 : 3;
const rounds = given.quick ? 1 : 3;
const engine = process.env.DATABASE_URL ? "postgres" : "sqlite";

const roster = new Roster({ ROSTER_API_REQUESTS: "0", ROSTER_TRUSTED_PROXIES: "127.0.0.1", ROSTER_LOG: "warn" });
const control = new Control();
const results = [];

const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)];
const isWanted = (name) => name.includes(given.only);

/** Notes one figure: as a line of JSON, and for the table. */
function note(name, figure) {
  const result = { name, engine, members, ...figure };
  results.push(result);
  if (given.json) appendFileSync(given.json, `${JSON.stringify(result)}\n`);
  const shown = Object.entries(figure).map(([key, value]) => `${key} ${typeof value === "number" ? Math.round(value * 100) / 100 : value}`);
  console.log(`${name}: ${shown.join(", ")}`);
}

/** Requests a second beside the control's, which is measured before each sample. */
async function compare(name, wanted) {
  if (!isWanted(name)) return;
  const samples = [];
  for (let round = 0; round < rounds; round += 1) {
    const bare = await control.rate(Math.min(seconds, 2));
    const sample = await load(roster.port, { seconds, ...wanted });
    if (sample.broken > 0 || sample.refused > 0) throw new Error(`${name}: ${JSON.stringify(sample)}`);
    samples.push({ ...sample, percent: (100 * sample.perSecond) / bare });
  }
  const of = (key) => median(samples.map((sample) => sample[key]));
  note(name, { "requests/s": of("perSecond"), "% of actix": of("percent"), "p50 ms": of("p50"), "p99 ms": of("p99") });
}

const memory = () => {
  const { VmRSS, RssAnon } = roster.memory();
  return { "MiB": VmRSS, "MiB without files": RssAnon };
};

/** Ids of the first people, by the API. */
async function people(program) {
  const ids = [];
  for (let cursor = ""; ids.length < 2_000; ) {
    const page = JSON.parse((await roster.send("GET", `/api/v1/users?limit=200${cursor}`, undefined, program)).text);
    ids.push(...page.data.filter(({ status }) => status === "active").map(({ id }) => id));
    if (!page.next_cursor) break;
    cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`;
  }
  return ids;
}

async function reads(program, page, ids) {
  const json = { ...program, "content-type": "application/json" };
  await compare("token, GET /api/v1/me", { paths: ["/api/v1/me"], headers: program });
  const question = JSON.stringify({ permission: "user:read:*" });
  await compare("POST /api/v1/authorize", { paths: ["/api/v1/authorize"], headers: json, method: "POST", body: question });
  await compare("GET /health", { paths: ["/health"] });
  await compare("style sheet, compressed", { paths: [page.css], headers: { "accept-encoding": "gzip" } });
  const users = `${roster.home}/users`;
  for (const [name, path, more] of [
    ["directory, first page", users],
    ["directory, first page, as browsers ask for it", users, { "accept-encoding": "gzip, deflate, br, zstd" }],
    ["directory, last page", `${users}?last=1`],
    ["directory, search that few match", `${users}?q=lovelace`],
    ["directory, search that many match", `${users}?q=example`],
    ["directory, role that most hold", `${users}?role=${page.role}`],
    ["profile", `${users}/${ids[0]}`],
    ["teams", `${roster.home}/teams`],
    ["roles", `${roster.home}/roles`],
    ["policies", `${roster.home}/policies`],
    ["audit log", `${roster.home}/audit`],
    ["access requests", `${roster.home}/access/requests`],
  ]) {
    await compare(name, { paths: [path], headers: { cookie: roster.cookie(), ...more } });
  }
  if (isWanted("bytes")) {
    const size = async (coding) => (await roster.bytes(users, { cookie: roster.cookie(), "accept-encoding": coding })) / 1000;
    note("bytes of the directory", { "kB": await size("identity"), "kB zstd": await size("zstd"), "kB gzip": await size("gzip") });
  }
}

/** A request of another kind beside many of a page. */
async function lanes(program) {
  const name = "token beside 16 clients on teams";
  if (!isWanted(name)) return;
  const asked = { paths: ["/api/v1/me"], headers: program, connections: 4, seconds };
  const alone = await load(roster.port, asked);
  const pages = load(roster.port, { paths: [`${roster.home}/teams`], headers: { cookie: roster.cookie() }, seconds: seconds + 1 });
  await pause(300);
  const beside = await load(roster.port, asked);
  const heavy = await pages;
  note(name, {
    "requests/s": beside.perSecond,
    "% of alone": (100 * beside.perSecond) / alone.perSecond,
    "p99 ms": beside.p99,
    "refused": beside.refused,
    "pages/s": heavy.perSecond,
  });
}

/** Wrong sign-ins, which hash as right ones do, beside argon2id by itself. */
async function signIns(program) {
  if (!isWanted("sign-ins")) return;
  const form = fields(await roster.send("GET", "/sign-in", undefined, {}), "/sign-in");
  const cookie = roster.cookie();
  const body = `${new URLSearchParams([...form, ["password", "a wrong password"]])}&name=nobody%n%40example.org`;
  const typed = { cookie, "content-type": "application/x-www-form-urlencoded", "x-forwarded-for": "198.18.0.1" };
  const asked = { paths: ["/sign-in"], method: "POST", headers: typed, body, connections: 2, seconds: seconds * 2 };
  const raw = await control.rate(seconds * 2, "/hash", 2);
  const tried = await load(roster.port, asked);
  note("sign-ins", { "sign-ins/s": tried.perSecond, "% of argon2id": (100 * tried.perSecond) / raw, "p99 ms": tried.p99 });
  const me = { paths: ["/api/v1/me"], headers: program, connections: 1, seconds: seconds * 2 };
  const idle = await load(roster.port, me);
  const busy = load(roster.port, { ...asked, connections: 8, seconds: seconds * 2 + 1 });
  await pause(500);
  const beside = await load(roster.port, me);
  await busy;
  note("token beside 8 sign-ins", { "p99 ms": beside.p99, "× idle": beside.p99 / idle.p99, "refused": beside.refused });
}

/** Changes of details, each of another person. */
async function edits(program, ids) {
  const headers = { ...program, "content-type": "application/json", "if-match": "*" };
  const paths = ids.map((id) => `/api/v1/users/${id}`);
  for (const connections of [1, 4]) {
    const name = `edits of details, ${connections} at once`;
    if (!isWanted(name)) continue;
    const sample = await load(roster.port, { paths, headers, method: "PATCH", body: '{"details":{"title":"Title %n"}}', connections, seconds: seconds * 2 });
    if (sample.broken > 0 || sample.refused > 0) throw new Error(`${name}: ${JSON.stringify(sample)}`);
    note(name, { "edits/s": sample.perSecond, "p99 ms": sample.p99 });
  }
}

/** Everybody who is active, disabled in one bulk action. */
async function bulk() {
  if (!isWanted("bulk disable")) return;
  const confirm = await roster.send("GET", `${roster.home}/bulk?kind=user&act=disable&all=1&query=%3Ftab%3Dactive`);
  const began = performance.now();
  const page = await roster.send("POST", `${roster.home}/batches`, fields(confirm, "/batches"));
  if (page.status !== 303) throw new Error(`no bulk action: ${page.status} ${page.text.slice(0, 400)}`);
  let answer = await roster.send("GET", page.to);
  while (/id="progress"|<progress/.test(answer.text)) {
    await pause(50);
    answer = await roster.send("GET", page.to);
  }
  const took = (performance.now() - began) / 1000;
  const many = Number(answer.text.match(/([\d,]+) (?:people|person) disabled/)?.[1].replaceAll(",", "") ?? Number.NaN);
  note("bulk disable", { "people": many, "s": took, "s for 10,000": (took * 10_000) / many });
}

function table() {
  const rows = results.map(({ name, engine: _, members: __, ...figure }) => {
    const shown = Object.entries(figure).map(([key, value]) => `${typeof value === "number" ? value.toLocaleString("en", { maximumFractionDigits: 2 }) : value} ${key}`);
    return `| ${name} | ${shown.join(" · ")} |`;
  });
  return [`${engine}, ${members.toLocaleString("en")} members`, "", "| case | figures |", "|---|---|", ...rows].join("\n");
}

if (given.json) writeFileSync(given.json, "");
try {
  await control.start();
  roster.fill(members);
  roster.run("organization", "plan", roster.demo.organization, "--seats", "unlimited", "--system-accounts", "unlimited");
  const began = performance.now();
  await roster.serve();
  note("cold start", { "s": (performance.now() - began) / 1000 });
  note("memory, idle", memory());
  await roster.signsIn();
  const program = { authorization: `Bearer ${await roster.token()}` };
  const ids = await people(program);
  const directory = (await roster.send("GET", `${roster.home}/users`)).text;
  const roles = (await roster.send("GET", `${roster.home}/roles`)).text;
  const page = {
    css: directory.match(/\/static\/roster\.css\?v=[0-9a-f]+/)[0],
    role: roles.match(/\/roles\/([0-9a-f-]{36})"[^>]*>User</)?.[1] ?? roles.match(/\/roles\/([0-9a-f-]{36})/)[1],
  };
  await reads(program, page, ids);
  await lanes(program);
  note("memory, after reading", memory());
  await signIns(program);
  note("memory, after sign-ins", memory());
  await edits(program, ids);
  await bulk();
  note("memory, at the end", memory());
  console.log(`\n${table()}`);
} finally {
  roster.close();
  control.close();
}
