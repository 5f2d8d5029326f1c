// Whether webhooks lose anything: ten thousand events to five receivers, and the server is killed (SIGKILL) in the middle.
// On Linux, with the `sqlite3` command:
//
//     ROSTER_BIN=target/release/roster node tests/bench/webhooks.mjs [how many people are made up, 12500]
//
// One receiver answers 200, one 500, one 410, one 200 after 50 ms, one 500 to every third call. Every active person is
// disabled in one bulk action. In the end every event was delivered, waits to be sent again or was given up, at each
// receiver, and no receiver got an event whose change was not made.
import http from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { Roster, fields } from "./roster.mjs";

const people = Number(process.argv[2] ?? 12_500);
const roster = new Roster({ ROSTER_OUTBOUND_ALLOW: "127.0.0.0/8" });
const query = (sql) => roster.query(sql);

// A receiver counts the calls per event.
async function receiver(name, answer) {
  const calls = new Map();
  const server = http.createServer((request, response) => {
    request.resume();
    request.on("end", async () => {
      const id = request.headers["webhook-id"];
      calls.set(id, (calls.get(id) ?? 0) + 1);
      response.statusCode = await answer(calls.get(id));
      response.end();
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { name, calls, url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

let seen = 0;
const receivers = await Promise.all([
  receiver("answers 200", async () => 200),
  receiver("answers 500", async () => 500),
  receiver("answers 410", async () => 410),
  receiver("is slow", () => pause(50).then(() => 200)),
  receiver("fails every third time", async () => ((seen += 1) % 3 === 0 ? 500 : 200)),
]);

const seconds = (since) => ((Date.now() - since) / 1000).toFixed(1);

try {
  roster.fill(people);
  await roster.serve();
  await roster.signsIn();
  const inside = roster.home;
  for (const { name, url } of receivers) {
    const typed = [["url", url], ["description", name], ["events", "chosen"], ["event", "member.disabled"]];
    const page = await roster.fills(`${inside}/settings/webhooks/new`, `${inside}/settings/webhooks`, typed);
    if (page.status !== 200) throw new Error(`no webhook: ${page.status} ${page.text.slice(0, 400)}`);
  }
  const before = Number(query("SELECT count(*) FROM audit_events WHERE action = 'member.disabled'"));
  const confirm = await roster.send("GET", `${inside}/bulk?kind=user&act=disable&all=1&query=%3Ftab%3Dactive`);
  const started = Date.now();
  const page = await roster.send("POST", `${inside}/batches`, fields(confirm, "/batches"));
  if (page.status !== 303) throw new Error(`no bulk action: ${page.status} ${page.text.slice(0, 400)}`);
  const [ok, , , slow, flaky] = receivers;
  while (ok.calls.size < people / 4) await pause(50);
  await roster.stops("SIGKILL");
  console.log(`killed after ${seconds(started)} s: ${receivers.map(({ name, calls }) => `${name} ${calls.size}`).join(", ")}`);
  await pause(1_000);
  await roster.serve();
  const events = () => Number(query("SELECT count(*) FROM audit_events WHERE action = 'member.disabled'")) - before;
  const isRunning = () => query("SELECT count(*) FROM batches WHERE state = 'running'") !== "0";
  while (isRunning() || [ok, slow, flaky].some(({ calls }) => calls.size < events())) {
    // On a slow machine the rest simply waits.
    if (Date.now() - started > 1_200_000) break;
    await pause(500);
  }
  const counts = [ok, slow, flaky].map(({ name, calls }) => `${name} ${calls.size}`).join(", ");
  console.log(`${events()} events; after ${seconds(started)} s came ${counts}`);
  // Leases of the killed process end after a minute, and what waits for a second try is due by then.
  await pause(70_000);
  await roster.stops("SIGTERM");

  const total = events();
  let isGood = query("SELECT count(*) FROM webhook_outbox") === "0";
  for (const { name, calls } of receivers) {
    const rows = query(`SELECT d.state || '=' || count(*) FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id
      WHERE w.description = '${name}' GROUP BY d.state`).split("\n");
    const counts = Object.fromEntries(rows.filter(Boolean).map((row) => row.split("=")).map(([state, count]) => [state, Number(count)]));
    const known = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const again = [...calls.values()].filter((count) => count > 1).length;
    const arrived = query(`SELECT lower(hex(d.event_id)) FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id
      WHERE w.description = '${name}' AND d.state = 'delivered'`).split("\n").filter(Boolean);
    const lost = arrived.filter((id) => !calls.has(id.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"))).length;
    // A receiver that is gone was disabled, so later events were not prepared for it.
    isGood &&= lost === 0 && (known === total || name === "answers 410");
    console.log(`${name}: ${JSON.stringify(counts)}, ${calls.size} events came, ${again} of them more than once, ${lost} noted but not come`);
  }
  console.log(isGood ? "Nothing is lost." : "SOMETHING IS LOST.");
  process.exitCode = isGood ? 0 : 1;
} finally {
  for (const { close } of receivers) close();
  roster.close();
}
process.exit();
