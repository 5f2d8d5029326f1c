// The API from outside: its description is valid (openapi-spec-validator), and a client that was
// generated from it does what the README's tour does.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { TestApp } from "../browser/app.mjs";
import { administratorToken } from "./credentials.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const python = process.env.ROSTER_TEST_PYTHON;
const run = promisify(execFile);

/** Runs a program of the Python environment. Its output is part of the failure. */
async function program(name, args, options = {}) {
  try {
    return await run(join(dirname(python), name), args, { maxBuffer: 64 * 1024 * 1024, ...options });
  } catch (error) {
    throw new Error(`${name} ${args.slice(0, 3).join(" ")} failed (${error.code})\n${error.stdout}\n${error.stderr}`);
  }
}

/** A Roster with people in it, whose plan and credentials have no limit. */
const full = (story) =>
  TestApp.full(
    async (app) => {
      const unlimited = ["--seats", "unlimited", "--system-accounts", "unlimited"];
      await run(process.env.ROSTER_BIN, ["organization", "plan", app.administrator.organization, ...unlimited], { env: app.environment });
      await story(app);
    },
    { members: 40, settings: { ROSTER_API_REQUESTS: "0" } },
  );

async function document(app) {
  const file = join(app.folder, "openapi.json");
  writeFileSync(file, await (await fetch(`${app.url}/api/v1/openapi.json`)).text());
  return file;
}

test("the description of the API is valid OpenAPI 3.1", () =>
  full(async (app) => {
    const { stdout } = await program("openapi-spec-validator", ["--schema", "3.1", await document(app)]);
    assert.match(stdout, /OK/);
  }));

test("a client generated from the description does what the tour does", { timeout: 300_000 }, () =>
  full(async (app) => {
    const token = await administratorToken(app);
    const client = join(app.folder, "client");
    await program("openapi-python-client", ["generate", "--path", await document(app), "--meta", "none", "--output-path", join(client, "roster_api")]);
    const environment = { PATH: process.env.PATH, PYTHONPATH: client, ROSTER_URL: app.url, ROSTER_TOKEN: token };
    const { stdout } = await program("python", [join(here, "tour.py")], { env: environment });
    assert.match(stdout, /the tour is over/);
  }));
