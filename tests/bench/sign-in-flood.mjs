// How much memory a flood of wrong sign-ins takes. On Linux, with a release build:
//
//     ROSTER_BIN=target/release/roster node tests/bench/sign-in-flood.mjs [how many at once, 400]
//
// Every request comes from another address and for another name, with the default cost of argon2. Peak and rest should stay
// below 150 MiB; nothing is measured in seconds, so that a busy machine changes no figure.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const at = Number(process.argv[2] ?? 400);
const port = 20_000 + Math.floor(Math.random() * 10_000);
const folder = mkdtempSync(join(tmpdir(), "roster-flood-"));
const roster = spawn(process.env.ROSTER_BIN ?? "target/release/roster", [], {
  stdio: "ignore",
  env: {
    PATH: process.env.PATH,
    ROSTER_DATA_DIR: folder,
    ROSTER_LISTEN: `127.0.0.1:${port}`,
    ROSTER_TRUSTED_PROXIES: "127.0.0.1",
    ROSTER_LOG: "error",
  },
});

function send(method, path, headers = {}, body = "") {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, method, path, headers: { ...headers, "content-length": body.length } };
    const request = http.request(options, (answer) => {
      let text = "";
      answer.on("data", (part) => (text += part));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

// In MiB: the most there ever was, what is there, and what of it is no file (proc_pid_status(5)).
function memory(when) {
  const status = readFileSync(`/proc/${roster.pid}/status`, "utf8");
  const of = (name) => Math.round(Number(status.match(new RegExp(`${name}:\\s+(\\d+)`))[1]) / 1024);
  console.log(`${when}: VmHWM ${of("VmHWM")}, VmRSS ${of("VmRSS")}, RssAnon ${of("RssAnon")} MiB`);
}

try {
  for (let tries = 0; ; tries += 1) {
    try {
      await send("GET", "/ready");
      break;
    } catch (error) {
      if (tries > 100) throw error;
      await pause(100);
    }
  }
  memory("at the start");
  const page = await send("GET", "/sign-in");
  const cookie = page.headers["set-cookie"].map((one) => one.split(";")[0]).join("; ");
  const csrf = page.text.match(/name="csrf" value="([^"]+)"/)[1];
  for (const round of [1, 2]) {
    const flood = Array.from({ length: at }, (_, number) => {
      const from = `10.${round}.${number >> 8}.${number & 255}`;
      const body = new URLSearchParams({ csrf, name: `nobody${number}@example.org`, password: "a wrong password" }).toString();
      const type = "application/x-www-form-urlencoded";
      return send("POST", "/sign-in", { cookie, "content-type": type, "x-forwarded-for": from }, body);
    });
    const counts = {};
    for (const { status } of await Promise.all(flood)) counts[status] = (counts[status] ?? 0) + 1;
    memory(`${at} at once, ${JSON.stringify(counts)}`);
  }
  await pause(15_000);
  memory("15 seconds later");
} finally {
  roster.kill("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
}
