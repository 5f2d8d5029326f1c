// A Roster of its own for a benchmark: made-up people, a server that can be killed, and an administrator signed in. On
// SQLite, or with DATABASE_URL on an empty database of PostgreSQL.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const binary = process.env.ROSTER_BIN ?? "target/release/roster";

const unescaped = (text) => text.replaceAll("&amp;", "&").replaceAll("&quot;", '"').replaceAll("&#38;", "&").replaceAll("&#34;", '"');

/** The hidden fields of the form with this action. */
export function fields(page, action) {
  const form = page.text.match(new RegExp(`<form[^>]*action="[^"]*${action}"[\\s\\S]*?</form>`))?.[0];
  if (!form) throw new Error(`no form to ${action}: ${page.status} ${page.text.slice(0, 400)}`);
  const hidden = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
  return hidden.map(([, name, value]) => [name, unescaped(value)]);
}

export class Roster {
  folder = mkdtempSync(join(tmpdir(), "roster-bench-"));
  port = 20_000 + Math.floor(Math.random() * 10_000);
  cookies = new Map();

  constructor(settings = {}) {
    this.env = {
      PATH: process.env.PATH,
      ROSTER_DATA_DIR: this.folder,
      ROSTER_LISTEN: `localhost:${this.port}`,
      ROSTER_LOG: "warn",
      ...settings,
    };
    if (process.env.DATABASE_URL) this.env.DATABASE_URL = process.env.DATABASE_URL;
  }

  /** Makes up people, and founds their organization. */
  fill(people) {
    this.demo = JSON.parse(execFileSync(binary, ["demo", "--members", String(people), "--json"], { env: this.env, encoding: "utf8" }));
    this.home = `/o/${this.demo.organization}`;
  }

  /** Runs another command of the program. */
  run(...args) {
    return execFileSync(binary, args, { env: this.env, encoding: "utf8" });
  }

  async serve() {
    this.server = spawn(binary, [], { stdio: ["ignore", "ignore", "inherit"], env: this.env });
    for (let tries = 0; ; tries += 1) {
      try {
        await this.send("GET", "/ready");
        return;
      } catch (error) {
        if (tries > 6_000) throw error;
        // Often, for the time that this takes is a figure too.
        await pause(5);
      }
    }
  }

  async stops(signal) {
    this.server.kill(signal);
    await new Promise((resolve) => this.server.once("exit", resolve));
  }

  /** What the browser sends as its cookies. */
  cookie() {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** One request of the browser, or with these headers of a program. */
  send(method, path, typed, headers = undefined) {
    const body = typed ? new URLSearchParams(typed).toString() : "";
    const sent = { host: `localhost:${this.port}`, "content-length": body.length, ...(headers ?? { cookie: this.cookie() }) };
    if (typed) sent["content-type"] = "application/x-www-form-urlencoded";
    return new Promise((resolve, reject) => {
      const request = http.request({ host: "127.0.0.1", port: this.port, method, path, headers: sent }, (answer) => {
        for (const one of answer.headers["set-cookie"] ?? []) {
          const [name, value] = one.split(";")[0].split(/=(.*)/s);
          this.cookies.set(name, value);
        }
        let text = "";
        answer.on("data", (part) => (text += part));
        answer.on("end", () => resolve({ status: answer.statusCode, to: answer.headers.location, text }));
      });
      request.on("error", reject);
      request.end(body);
    });
  }

  /** How many bytes the body of an answer has on the wire. */
  bytes(path, headers) {
    return new Promise((resolve, reject) => {
      const asked = http.get({ host: "127.0.0.1", port: this.port, path, headers: { host: `localhost:${this.port}`, ...headers } }, (answer) => {
        let bytes = 0;
        answer.on("data", (part) => (bytes += part.length));
        answer.on("end", () => resolve(bytes));
      });
      asked.on("error", reject);
    });
  }

  /** Opens a page, fills in its form and sends it. */
  async fills(page, action, typed) {
    return this.send("POST", action, [...fields(await this.send("GET", page), action), ...typed]);
  }

  async signsIn() {
    await this.fills("/sign-in", "/sign-in", [["name", this.demo.email], ["password", this.demo.password]]);
  }

  /** The text of a token of a new system account that may do everything. */
  async token() {
    const list = `${this.home}/system-accounts`;
    const made = await this.fills(`${list}/new`, list, [["name", "bench"], ["access", "administrator"]]);
    const account = made.to?.match(/^.*system-accounts\/[0-9a-f-]{36}/)?.[0];
    if (!account) throw new Error(`no system account: ${made.status} ${made.text.slice(0, 400)}`);
    const typed = [["name", "bench"], ["mode", "read_write"], ["expiry", "90"], ["width", "all"], ["addresses", ""]];
    const shown = await this.fills(`${account}/tokens/new`, `${account}/tokens`, typed);
    const text = shown.text.match(/rst_s_[0-9A-Za-z]{57}/)?.[0];
    if (!text) throw new Error(`no token: ${shown.status} ${shown.text.slice(0, 400)}`);
    return text;
  }

  /** The memory of the server in MiB: the most there ever was, what is there, and what of it is no file (proc_pid_status(5)). */
  memory() {
    const status = readFileSync(`/proc/${this.server.pid}/status`, "utf8");
    const of = (name) => [name, Number(status.match(new RegExp(`${name}:\\s+(\\d+)`))[1]) / 1024];
    return Object.fromEntries(["VmHWM", "VmRSS", "RssAnon"].map(of));
  }

  /** Asks the SQLite file. */
  query(sql) {
    return execFileSync("sqlite3", [join(this.folder, "roster.db"), sql], { encoding: "utf8" }).trim();
  }

  close() {
    this.server?.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
