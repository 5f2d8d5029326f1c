// Several processes of Roster on one PostgreSQL, behind nginx with the configuration that the deployment page shows.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../browser/app.mjs";
import { Inbox } from "../browser/inbox.mjs";
import { Roster } from "../bench/roster.mjs";
import { Postgres } from "./postgres.mjs";
import { here } from "./programs.mjs";

const page = join(here, "../../.github/DEPLOYMENT.md");

/**
 * One request. An answer that breaks off has the status 0, as one that never came.
 * `host` is the address that clients know, whatever the port asked.
 */
export function ask(port, host, method, path, { headers = {}, body } = {}) {
  const sent = body === undefined ? "" : JSON.stringify(body);
  const all = { host, ...headers, ...(sent && { "content-type": "application/json" }), "content-length": Buffer.byteLength(sent) };
  return new Promise((done) => {
    const broken = (error) => done({ status: 0, headers: {}, text: error?.message ?? "broken off" });
    const request = http.request({ host: "127.0.0.1", port, method, path, headers: all }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => (text += part));
      answer.on("error", broken).on("aborted", broken);
      answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, text }));
    });
    request.on("error", broken);
    request.end(sent);
  });
}

class RosterProcess {
  log = "";

  constructor(name, port, env) {
    Object.assign(this, { name, port, env });
  }

  async starts() {
    const server = spawn(process.env.ROSTER_BIN, ["serve"], { env: this.env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [server.stdout, server.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (this.log += text));
    }
    this.ended = new Promise((ended) => server.once("exit", ended));
    this.kill = (signal) => server.kill(signal);
    await this.isReady(30_000);
  }

  /** Waits until it says that it is ready. Returns how long that took, in milliseconds. */
  async isReady(within) {
    for (const began = Date.now(); ; await sleep(25)) {
      const answer = await ask(this.port, this.env.ROSTER_PUBLIC_URL.slice("http://".length), "GET", "/ready");
      if (answer.status === 200) return Date.now() - began;
      if (Date.now() - began > within) throw new Error(`${this.name} is not ready after ${within} ms:\n${this.log.slice(-2_000)}`);
    }
  }

  async stops(signal) {
    this.kill(signal);
    await this.ended;
  }
}

export class Cluster {
  /** Starts everything, does the work, and ends everything. What the processes logged is part of a failure. */
  static async with(work) {
    const cluster = new Cluster();
    try {
      await cluster.#build();
      await work(cluster);
    } catch (error) {
      for (const { name, log } of cluster.processes) error.stack += `\n── the end of the log of ${name}:\n${log.split("\n").slice(-15).join("\n")}`;
      throw error;
    } finally {
      await cluster.#close();
    }
  }

  processes = [];
  #atExit = () => this.#kill();

  async #build() {
    process.once("exit", this.#atExit);
    this.postgres = await Postgres.start();
    this.port = await freePort();
    this.host = `localhost:${this.port}`;
    const common = {
      DATABASE_URL: this.postgres.url,
      ROSTER_SECRET_KEY: randomBytes(32).toString("hex"),
      ROSTER_PUBLIC_URL: `http://${this.host}`,
      ROSTER_MAIL_FROM: "Roster <roster@example.org>",
      ROSTER_TRUSTED_PROXIES: "127.0.0.1",
      ROSTER_API_REQUESTS: "60000",
      ROSTER_LOG: "warn",
    };
    /** A browser at the proxy, with the command line of the same installation. */
    this.browser = new Roster(common);
    this.browser.port = this.port;
    const { folder } = this.browser;
    this.inbox = await Inbox.open(folder, "starttls");
    Object.assign(common, { ROSTER_SMTP_URL: this.inbox.url, ROSTER_SMTP_CA: this.inbox.authority });
    this.browser.fill(40);
    this.browser.run("organization", "plan", this.browser.demo.organization, "--seats", "unlimited", "--system-accounts", "unlimited");
    for (const name of ["one", "two", "three"]) {
      const port = await freePort();
      const own = { ROSTER_LISTEN: `127.0.0.1:${port}`, ROSTER_DATA_DIR: join(folder, name) };
      this.processes.push(new RosterProcess(name, port, { PATH: process.env.PATH, ...common, ...own }));
    }
    await Promise.all(this.processes.map((one) => one.starts()));
    await this.#proxy(join(folder, "nginx"));
  }

  async #proxy(folder) {
    mkdirSync(folder);
    const documented = /```nginx\n([\s\S]*?)```/.exec(readFileSync(page, "utf8"))[1];
    const examples = [
      ["listen 443 ssl;", `listen 127.0.0.1:${this.port};`],
      [/ssl_certificate.*\n/g, "\n"],
      ...this.processes.map(({ port }, at) => [`10.0.0.1${at + 1}:8080`, `127.0.0.1:${port}`]),
    ];
    const site = examples.reduce((text, [example, real]) => {
      const changed = text.replace(example, real);
      if (changed === text) throw new Error(`${example} is not in the documented configuration`);
      return changed;
    }, documented);
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`);
    const http = `access_log off;\n${temporary.join("\n")}\n${site}`;
    const [file, errors] = [join(folder, "nginx.conf"), join(folder, "errors")];
    writeFileSync(file, `daemon off;\nmaster_process off;\npid ${folder}/pid;\nerror_log ${errors};\nevents {}\nhttp {\n${http}\n}\n`);
    this.nginx = spawn("/usr/sbin/nginx", ["-p", folder, "-c", file, "-e", errors], { stdio: "ignore" });
    const ended = new Promise((ended) => this.nginx.once("exit", ended).once("error", ended));
    let isOver = false;
    ended.then(() => (isOver = true));
    for (const end = Date.now() + 20_000; ; await sleep(25)) {
      if ((await ask(this.port, this.host, "GET", "/ready")).status === 200) return;
      if (isOver || Date.now() > end) throw new Error(`nginx does not answer:\n${readFileSync(errors, "utf8")}`);
    }
  }

  #kill() {
    this.nginx?.kill("SIGKILL");
    for (const one of this.processes) one.kill?.("SIGKILL");
  }

  async #close() {
    this.#kill();
    await Promise.all(this.processes.map(({ ended }) => ended));
    await this.inbox?.close();
    this.browser?.close();
    this.postgres?.close();
    process.off("exit", this.#atExit);
  }
}
