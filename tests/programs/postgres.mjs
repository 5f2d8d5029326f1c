// A PostgreSQL of a test's own, which may stop and start it while others use theirs.

import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../browser/app.mjs";

const isRoot = process.getuid() === 0;

/** The command for a program of the server, which refuses to run as root. */
function words(program, args) {
  const folder = process.env.ROSTER_TEST_POSTGRES_PROGRAMS;
  if (!folder) throw new Error("ROSTER_TEST_POSTGRES_PROGRAMS is not set: tests/run programs sets it to where initdb and pg_ctl are");
  const own = [join(folder, program), ...args];
  return isRoot ? ["runuser", "-u", "postgres", "--", ...own] : own;
}

/** Runs it from a folder that its user may enter, while everything else goes on. */
async function run(program, args) {
  const [command, ...rest] = words(program, args);
  const child = spawn(command, rest, { cwd: "/", stdio: "ignore" });
  const code = await new Promise((ended, failed) => child.once("exit", ended).once("error", failed));
  if (code !== 0) throw new Error(`${program} ${args[0]} failed (${code})`);
}

export class Postgres {
  folder = mkdtempSync(join(tmpdir(), "roster-postgres-"));
  #atExit = () => this.#kill();

  static async start() {
    const server = new Postgres();
    server.port = await freePort();
    process.once("exit", server.#atExit);
    try {
      await server.#make();
      await server.starts();
      server.query("create database roster", "postgres");
    } catch (error) {
      server.close();
      throw error;
    }
    return server;
  }

  /** A streaming replica of this server, which must stay while the replica does. */
  async replica() {
    const server = new Postgres();
    server.port = await freePort();
    process.once("exit", server.#atExit);
    try {
      if (isRoot) execFileSync("chown", ["postgres:", server.folder]);
      const from = ["--host", "127.0.0.1", "--port", String(this.port), "--username", "roster"];
      await run("pg_basebackup", ["--pgdata", join(server.folder, "data"), ...from, "--write-recovery-conf", "--checkpoint", "fast", "--no-sync"]);
      appendFileSync(join(server.folder, "data", "postgresql.conf"), `unix_socket_directories = '${server.folder}'\n`);
      await server.starts();
    } catch (error) {
      server.close();
      throw error;
    }
    return server;
  }

  /** Waits until this replica has all that the primary wrote. */
  async receivesAll(primary) {
    const [written] = primary.query("select pg_current_wal_lsn()");
    for (const end = Date.now() + 20_000; this.query(`select pg_last_wal_replay_lsn() >= '${written}'`)[0] !== "t"; await sleep(50)) {
      if (Date.now() > end) throw new Error("the replica does not catch up");
    }
  }

  get url() {
    return `postgres://roster@127.0.0.1:${this.port}/roster`;
  }

  async #make() {
    if (isRoot) execFileSync("chown", ["postgres:", this.folder]);
    const data = ["--pgdata", join(this.folder, "data")];
    await run("initdb", [...data, "--username", "roster", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"]);
    // The machine is not powered off, so nothing waits for the disk. But what was committed is written before it is
    // answered (`synchronous_commit` as it is by default): the server is killed, and nothing may be lost by that.
    const settings = ["listen_addresses = '127.0.0.1'", `unix_socket_directories = '${this.folder}'`, "fsync = off"];
    appendFileSync(join(this.folder, "data", "postgresql.conf"), `${settings.join("\n")}\n`);
  }

  async starts() {
    const log = join(this.folder, "log");
    await run("pg_ctl", ["start", "--pgdata", join(this.folder, "data"), "--log", log, "--wait", "--silent", "-o", `-p ${this.port}`]);
  }

  /** `immediate` kills it as a crash would; `fast` ends connections and stops in order. */
  async stops(mode) {
    await run("pg_ctl", ["stop", "--pgdata", join(this.folder, "data"), "--mode", mode, "--wait", "--silent"]);
  }

  /** Rows as text, columns separated by `|`. */
  query(sql, database = "roster") {
    const where = ["--host", "127.0.0.1", "--port", String(this.port), "--username", "roster", database];
    const printed = execFileSync("psql", ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", ...where, "--command", sql], { encoding: "utf8" });
    return printed.split("\n").filter(Boolean);
  }

  #kill() {
    try {
      const [main] = readFileSync(join(this.folder, "data", "postmaster.pid"), "utf8").split("\n");
      // SIGQUIT is pg_ctl's `immediate`.
      process.kill(Number(main), "SIGQUIT");
    } catch {
      // It does not run.
    }
  }

  close() {
    this.#kill();
    process.off("exit", this.#atExit);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
