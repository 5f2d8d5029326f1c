// What the checks from outside share: Python programs, a Roster they may ask without limit, its description.

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { TestApp } from "../browser/app.mjs";

export const here = dirname(fileURLToPath(import.meta.url));
export const python = process.env.ROSTER_TEST_PYTHON;
const run = promisify(execFile);

/** Runs a program of the Python environment. Its output is part of the failure. */
export async function program(name, args, options = {}) {
  try {
    return await run(join(dirname(python), name), args, { maxBuffer: 64 * 1024 * 1024, ...options });
  } catch (error) {
    throw new Error(`${name} ${args.slice(0, 3).join(" ")} failed (${error.code})\n${error.stdout}\n${error.stderr}`);
  }
}

/** A Roster with people in it, whose plan and credentials have no limit. */
export const full = (story) =>
  TestApp.full(
    async (app) => {
      const unlimited = ["--seats", "unlimited", "--system-accounts", "unlimited"];
      await run(process.env.ROSTER_BIN, ["organization", "plan", app.administrator.organization, ...unlimited], { env: app.environment });
      await story(app);
    },
    { members: 40, settings: { ROSTER_API_REQUESTS: "0", ROSTER_TRUSTED_PROXIES: "127.0.0.1" } },
  );

export async function document(app) {
  const file = join(app.folder, "openapi.json");
  writeFileSync(file, await (await fetch(`${app.url}/api/v1/openapi.json`)).text());
  return file;
}
