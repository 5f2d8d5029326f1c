// How long a page of people takes by the API, against the same page of the console in the same run:
//
//     ROSTER_BIN=target/release/roster node tests/bench/api-lists.mjs [how many people are made up, 100000] [how many turns, 200]
//
// With DATABASE_URL, on that empty database of PostgreSQL instead.
//
// Requests of both kinds take turns; the medians are compared. The API should take at most twice as long as the console.
import { Roster } from "./roster.mjs";

const people = Number(process.argv[2] ?? 100_000);
const rounds = Number(process.argv[3] ?? 200);
const roster = new Roster({ ROSTER_API_REQUESTS: "0" });

const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)];

async function timed(path, headers) {
  const started = performance.now();
  const answer = await roster.send("GET", path, undefined, headers);
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text.slice(0, 400)}`);
  return performance.now() - started;
}

try {
  roster.fill(people);
  roster.run("organization", "plan", roster.demo.organization, "--seats", "unlimited", "--system-accounts", "unlimited");
  await roster.serve();
  await roster.signsIn();
  const program = { authorization: `Bearer ${await roster.token()}` };
  for (const [name, query] of [
    ["all", ""],
    ["a search", "q=ada"],
    ["active, by last sign-in", "tab=active&sort=last_sign_in"],
  ]) {
    const times = { console: [], api: [] };
    for (let round = 0; round < rounds + 10; round += 1) {
      const page = await timed(`${roster.home}/users?${query}`);
      const list = await timed(`/api/v1/users?limit=50&${query}`, program);
      // The first ones fill the caches.
      if (round >= 10) {
        times.console.push(page);
        times.api.push(list);
      }
    }
    const [page, list] = [median(times.console), median(times.api)];
    console.log(`${name}: console ${page.toFixed(1)} ms, API ${list.toFixed(1)} ms, ratio ${(list / page).toFixed(2)}`);
  }
} finally {
  roster.close();
}
