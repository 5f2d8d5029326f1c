// Load by wrk, and the control that every figure is compared with.
import { execFile, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
let first = 0;

/**
 * Sends requests as fast as they are answered. `paths` are taken in turn.
 * Returns requests per second, p50 and p99 in milliseconds, how many were answered with an error, how many not at all.
 */
export function load(port, { paths, connections = 16, seconds, method = "GET", headers = {}, body = "" }) {
  // Numbers of requests are never the same twice.
  first += 10_000_000;
  const env = {
    PATH: process.env.PATH,
    LOAD_METHOD: method,
    LOAD_PATHS: paths.join("\n"),
    LOAD_HEADERS: Object.entries({ Host: `localhost:${port}`, ...headers }).map(([name, value]) => `${name}: ${value}`).join("\n"),
    LOAD_FIRST: String(first),
    ...(body ? { LOAD_BODY: body } : {}),
  };
  // wrk knows whole seconds only.
  const lasting = `-d${Math.max(1, Math.round(seconds))}s`;
  const sent = ["-t1", `-c${connections}`, lasting, "--timeout", "30s", "-s", join(here, "load.lua"), `http://127.0.0.1:${port}${paths[0].replaceAll("%n", "0")}`];
  return new Promise((resolve, reject) => {
    execFile("wrk", sent, { env, maxBuffer: 1 << 24 }, (error, out, complaints) => {
      const line = out?.match(/^SAMPLE (.*)$/m)?.[1];
      if (error || !line) return reject(new Error(`wrk: ${error?.message ?? out} ${complaints}`));
      const sample = JSON.parse(line);
      resolve({
        perSecond: sample.requests / (sample.microseconds / 1e6),
        p50: sample.p50 / 1000,
        p99: sample.p99 / 1000,
        refused: sample.refused,
        broken: sample.broken,
      });
    });
  });
}

/** The bare server of control.rs. */
export class Control {
  port = 31_000 + Math.floor(Math.random() * 1_000);

  async start() {
    this.server = spawn(process.env.CONTROL_BIN ?? "target/release/examples/control", [String(this.port)], { stdio: ["ignore", "ignore", "inherit"] });
    for (let tries = 0; ; tries += 1) {
      try {
        await fetch(`http://127.0.0.1:${this.port}/`);
        return;
      } catch (error) {
        if (tries > 100) throw error;
        await pause(50);
      }
    }
  }

  /** How many requests a second it answers now. */
  async rate(seconds, path = "/", connections = 16) {
    return (await load(this.port, { paths: [path], connections, seconds })).perSecond;
  }

  close() {
    this.server?.kill("SIGKILL");
  }
}
