// How much memory a flood of wrong sign-ins takes. On Linux, with a release build:
//
//     ROSTER_BIN=target/release/roster node tests/bench/sign-in-flood.mjs [how many at once, 400]
//
// Every request comes from another address and for another name, with the default cost of argon2. Peak and rest should stay
// below 150 MiB; nothing is measured in seconds, so that a busy machine changes no figure.
import { setTimeout as pause } from "node:timers/promises";
import { Roster, fields } from "./roster.mjs";

const at = Number(process.argv[2] ?? 400);
const roster = new Roster({ ROSTER_TRUSTED_PROXIES: "127.0.0.1", ROSTER_LOG: "error" });

function memory(when) {
  const of = roster.memory();
  console.log(`${when}: ${["VmHWM", "VmRSS", "RssAnon"].map((name) => `${name} ${Math.round(of[name])}`).join(", ")} MiB`);
}

try {
  await roster.serve();
  memory("at the start");
  const form = fields(await roster.send("GET", "/sign-in"), "/sign-in");
  const cookie = roster.cookie();
  for (const round of [1, 2]) {
    const flood = Array.from({ length: at }, (_, number) => {
      const typed = [...form, ["name", `nobody${number}@example.org`], ["password", "a wrong password"]];
      const from = `10.${round}.${number >> 8}.${number & 255}`;
      return roster.send("POST", "/sign-in", typed, { cookie, "x-forwarded-for": from });
    });
    const counts = {};
    for (const { status } of await Promise.all(flood)) counts[status] = (counts[status] ?? 0) + 1;
    memory(`${at} at once, ${JSON.stringify(counts)}`);
  }
  await pause(15_000);
  memory("15 seconds later");
} finally {
  roster.close();
}
