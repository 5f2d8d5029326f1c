// A whole Roster for one journey: the real binary on a database of its own, a mail server, and people with browsers.

import { execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { shot } from "./checks.mjs";
import { Inbox } from "./inbox.mjs";
import { Person } from "./person.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const binary = resolve(process.env.ROSTER_BIN ?? join(here, "../../target/debug/roster"));

export const engine = process.env.ROSTER_TEST_ENGINE ?? "sqlite";

/** A passphrase that any careful rule accepts. */
export const GOOD = "violet-otter-climbs-Kilimanjaro";
export const OTHER_GOOD = "seven-lanterns-over-quiet-Ljubljana";

export class TestApp {
  /** A fresh installation: nobody has set it up, and the set-up link waits in the log. */
  static empty(story, { mailProtection = "starttls", settings = {} } = {}) {
    return new TestApp(mailProtection, settings).#tell(story);
  }

  /** A story in a app full of people; `app.administrator` is the way in. */
  static full(story, { members = 300, settings = {} } = {}) {
    return new TestApp("starttls", settings).#tell(story, members);
  }

  /**
   * Letters leave by STARTTLS, as most do, by TLS from the first byte, or not at all (`files`). `settings` are further
   * variables of the server's environment.
   */
  constructor(mailProtection = "starttls", settings = {}) {
    this.mailProtection = mailProtection;
    this.settings = settings;
  }

  log = "";
  people = [];
  #closers = [];

  async #tell(story, members = 0) {
    try {
      await this.#build();
      if (members > 0) this.#populate(members);
      await this.#start();
      await story(this);
    } catch (error) {
      error.stack += await this.#evidence(); // what the reporter prints
      await this.#close();
      throw error;
    }
    const troubles = await this.#close();
    troubles.push(...this.people.flatMap((person) => person.complaints));
    troubles.push(...this.log.split("\n").filter((line) => /panicked at|"level":"ERROR"|\bERROR\b/.test(line)));
    if (troubles.length > 0) throw new Error(`the story went well, but unseen by it:\n${troubles.join("\n")}`);
  }

  async #build() {
    this.folder = mkdtempSync(join(tmpdir(), "roster-"));
    this.#closers.push(() => rmSync(this.folder, { recursive: true, force: true }));
    const sends = this.mailProtection !== "files";
    this.inbox = await Inbox.open(this.folder, sends ? this.mailProtection : "starttls");
    this.#closers.push(() => this.inbox.close());
    this.port = await freePort();
    this.url = `http://localhost:${this.port}`;
    // Nothing of the environment around us but what a program needs to run.
    this.environment = {
      PATH: process.env.PATH,
      DATABASE_URL: this.#database(),
      ROSTER_LISTEN: `127.0.0.1:${this.port}`,
      ROSTER_PUBLIC_URL: this.url,
      ROSTER_DATA_DIR: this.folder,
      ...(sends && { ROSTER_SMTP_URL: this.inbox.url, ROSTER_SMTP_CA: this.inbox.authority }),
      ROSTER_MAIL_FROM: "Roster <roster@example.org>",
      ...this.settings,
    };
  }

  #database() {
    if (engine === "sqlite") return `sqlite://${join(this.folder, "roster.db")}`;
    const server = process.env.ROSTER_TEST_POSTGRES_URL;
    if (!server) throw new Error("ROSTER_TEST_POSTGRES_URL is not set: tests/run browser starts a PostgreSQL and sets it");
    const name = `journey_${process.pid}_${Date.now().toString(36)}`;
    const sql = (command) => execFileSync("psql", ["--no-psqlrc", "--quiet", server, "--command", command]);
    sql(`create database ${name}`);
    this.#closers.push(() => sql(`drop database ${name} with (force)`));
    const url = new URL(server);
    url.pathname = `/${name}`;
    return url.href;
  }

  #populate(members) {
    const printed = execFileSync(binary, ["demo", "--members", String(members), "--json"], {
      env: this.environment,
      timeout: 120_000,
    });
    this.administrator = JSON.parse(/^\{.*\}$/ms.exec(printed.toString())[0]);
  }

  async #start() {
    const server = spawn(binary, ["serve"], { env: this.environment, stdio: ["ignore", "pipe", "pipe"] });
    // Should this process end in whatever way, the server does not outlive it.
    const kill = () => server.kill("SIGKILL");
    process.once("exit", kill);
    const ended = new Promise((ended) => server.once("exit", ended).once("error", (error) => ended(error.message)));
    let how;
    ended.then((end) => (how = end ?? "by a signal"));
    for (const stream of [server.stdout, server.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (this.log += text));
    }
    this.#closers.push(async () => {
      server.kill("SIGTERM");
      const late = setTimeout(kill, 5_000);
      await ended;
      clearTimeout(late);
      process.off("exit", kill);
    });

    for (const end = Date.now() + 30_000; ; await sleep(25)) {
      if (how !== undefined) throw new Error(`the server ended (${how}):\n${this.log}`);
      if (await fetch(`${this.url}/ready`).then((answer) => answer.ok, () => false)) return;
      if (Date.now() > end) throw new Error(`the server is not ready after 30 s:\n${this.log}`);
    }
  }

  /** The link that a fresh installation prints for its first administrator. */
  async setUpLink() {
    for (const end = Date.now() + 20_000; Date.now() < end; await sleep(25)) {
      const link = /https?:\/\/[^\s"\\]+\/setup\/[\w.~-]+/.exec(this.log);
      if (link) return link[0];
    }
    throw new Error(`no set-up link in the log:\n${this.log}`);
  }

  /** Somebody with a browser profile of their own: no cookie is shared with anybody else. */
  async person({ javaScriptEnabled = true } = {}) {
    this.browser ??= await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    });
    const context = await this.browser.newContext({
      baseURL: this.url,
      javaScriptEnabled,
      // Roster has no TLS here; the identity providers of journeys have it, with certificates of their own making.
      ignoreHTTPSErrors: true,
      // A journey that waits for an animation only takes longer, and half-faded text has too little contrast.
      reducedMotion: "reduce",
      viewport: { width: 1280, height: 800 },
      locale: "en-GB",
      timezoneId: "Europe/Vienna",
    });
    context.setDefaultTimeout(20_000); // as slow as two journeys at once on a busy machine
    const person = new Person(this, await context.newPage());
    this.people.push(person);
    return person;
  }

  /** The administrator of a full installation, in the directory. */
  async signedIn(options) {
    const person = await this.person(options);
    await person.signsIn(this.administrator.email, this.administrator.password);
    await person.lands(/^\/o\//);
    return person;
  }

  /** Ends everything; gives back what could not be ended. */
  async #close() {
    const troubles = [];
    await this.browser?.close();
    while (this.#closers.length > 0) {
      try {
        await this.#closers.pop()();
      } catch (error) {
        troubles.push(error.message);
      }
    }
    return troubles;
  }

  /** What everybody saw when the story broke off, and what the server said. */
  async #evidence() {
    const lines = [];
    for (const [number, { page, complaints }] of this.people.entries()) {
      const name = `broken-${process.pid}-${++broken}`;
      const text = await page.locator("body").innerText({ timeout: 1_000 }).catch((error) => error.message);
      await shot(page, name, { always: true }).catch(() => {});
      lines.push(`── person ${number + 1} is at ${page.url()} (shots/${name}.png), complains of ${complaints.length}:`);
      lines.push(...complaints, text.replace(/\s*\n\s*/g, " ¶ ").slice(0, 1_500));
    }
    return `\n${lines.join("\n")}\n── the end of the server's log:\n${this.log.split("\n").slice(-25).join("\n")}`;
  }
}

let broken = 0;

/** Free at this moment; anyone who asks should take it at once. Below 32768 no outgoing connection takes it meanwhile. */
export async function freePort() {
  for (;;) {
    const port = randomInt(20_000, 32_768);
    const server = createServer();
    const isFree = await new Promise((tried) => {
      server.once("error", () => tried(false));
      server.listen(port, "127.0.0.1", () => tried(true));
    });
    if (!isFree) continue;
    await new Promise((closed) => server.close(closed));
    return port;
  }
}
