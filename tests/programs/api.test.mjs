// The API from outside: its description is valid (openapi-spec-validator), and a client that was
// generated from it does what the README's tour does.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { administratorToken } from "./credentials.mjs";
import { document, full, here, program } from "./programs.mjs";

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
