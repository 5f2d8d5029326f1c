// Whether webhooks lose anything: ten thousand events to five receivers, and the server is killed (SIGKILL) in the middle.
// On Linux, with the `sqlite3` command:
//
//     ROSTER_BIN=target/release/roster node tests/bench/webhooks.mjs [how many people are made up, 12500]
//
// One receiver answers 200, one 500, one 410, one 200 after 50 ms, one 500 to every third call. Every active person is
// disabled in one bulk action. In the end every event was delivered, waits to be sent again or was given up, at each
// receiver, and no receiver got an event whose change was not made.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const people = Number(process.argv[2] ?? 12_500);
const binary = process.env.ROSTER_BIN ?? "target/release/roster";
const port = 20_000 + Math.floor(Math.random() * 10_000);
const folder = mkdtempSync(join(tmpdir(), "roster-webhooks-"));
const env = {
  PATH: process.env.PATH,
  ROSTER_DATA_DIR: folder,
  ROSTER_LISTEN: `localhost:${port}`,
  ROSTER_OUTBOUND_ALLOW: "127.0.0.0/8",
  ROSTER_LOG: "warn",
};

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

const cookies = new Map();
function send(method, path, fields) {
  const body = fields ? new URLSearchParams(fields).toString() : "";
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const headers = { host: `localhost:${port}`, cookie, "content-length": body.length };
  if (fields) headers["content-type"] = "application/x-www-form-urlencoded";
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, method, path, headers }, (answer) => {
      for (const one of answer.headers["set-cookie"] ?? []) {
        const [name, value] = one.split(";")[0].split(/=(.*)/s);
        cookies.set(name, value);
      }
      let text = "";
      answer.on("data", (part) => (text += part));
      answer.on("end", () => resolve({ status: answer.statusCode, to: answer.headers.location, text }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

const unescaped = (text) => text.replaceAll("&amp;", "&").replaceAll("&quot;", '"').replaceAll("&#38;", "&").replaceAll("&#34;", '"');
// The hidden fields of the form with this action.
function fields(page, action) {
  const form = page.text.match(new RegExp(`<form[^>]*action="[^"]*${action}"[\\s\\S]*?</form>`))?.[0];
  if (!form) throw new Error(`no form to ${action}: ${page.status} ${page.text.slice(0, 400)}`);
  const hidden = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
  return hidden.map(([, name, value]) => [name, unescaped(value)]);
}

async function serve() {
  const server = spawn(binary, [], { stdio: ["ignore", "ignore", "inherit"], env });
  for (let tries = 0; ; tries += 1) {
    try {
      await send("GET", "/ready");
      return server;
    } catch (error) {
      if (tries > 300) throw error;
      await pause(100);
    }
  }
}

const query = (sql) => execFileSync("sqlite3", [join(folder, "roster.db"), sql], { encoding: "utf8" }).trim();
const seconds = (since) => ((Date.now() - since) / 1000).toFixed(1);

let server;
try {
  const demo = JSON.parse(execFileSync(binary, ["demo", "--members", String(people), "--json"], { env, encoding: "utf8" }));
  server = await serve();
  await send("POST", "/sign-in", [...fields(await send("GET", "/sign-in"), "/sign-in"), ["name", demo.email], ["password", demo.password]]);
  const inside = `/o/${demo.organization}`;
  for (const { name, url } of receivers) {
    const form = fields(await send("GET", `${inside}/settings/webhooks/new`), "/settings/webhooks");
    const typed = [["url", url], ["description", name], ["events", "chosen"], ["event", "member.disabled"]];
    const page = await send("POST", `${inside}/settings/webhooks`, [...form, ...typed]);
    if (page.status !== 200) throw new Error(`no webhook: ${page.status} ${page.text.slice(0, 400)}`);
  }
  const before = Number(query("SELECT count(*) FROM audit_events WHERE action = 'member.disabled'"));
  const confirm = await send("GET", `${inside}/bulk?kind=user&act=disable&all=1&query=%3Ftab%3Dactive`);
  const started = Date.now();
  const page = await send("POST", `${inside}/batches`, fields(confirm, "/batches"));
  if (page.status !== 303) throw new Error(`no bulk action: ${page.status} ${page.text.slice(0, 400)}`);
  const [ok, , , slow, flaky] = receivers;
  while (ok.calls.size < people / 4) await pause(50);
  server.kill("SIGKILL");
  console.log(`killed after ${seconds(started)} s: ${receivers.map(({ name, calls }) => `${name} ${calls.size}`).join(", ")}`);
  await pause(1_000);
  server = await serve();
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
  server.kill("SIGTERM");
  await new Promise((resolve) => server.once("exit", resolve));

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
  server?.kill("SIGKILL");
  for (const { close } of receivers) close();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
