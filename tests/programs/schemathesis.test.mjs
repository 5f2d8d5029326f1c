// The API does what its description says, for every kind of credential: schemathesis makes requests from the description,
// good and bad, and holds each answer against it.

import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { describe, test } from "node:test";
import { engine } from "../browser/app.mjs";
import { tokens } from "./credentials.mjs";
import { document, full, here, program } from "./programs.mjs";

/**
 * Passes requests on as many strangers: each from an address of its own, each wrong user name and password a new one.
 * Otherwise the limits on wrong credentials would answer 429 where a wrong credential gets 401. A target longer than the
 * HTTP parser reads would never become a request (the parser answers 400 without a body), so it is cut to that length.
 */
async function asManyStrangers(app) {
  let count = 0;
  const proxy = createServer({ maxHeaderSize: 1024 * 1024 }, (asked, answer) => {
    count += 1;
    const address = `198.18.${Math.floor(count / 250) % 250}.${(count % 250) + 1}`;
    const headers = { ...asked.headers, host: `localhost:${app.port}`, "x-forwarded-for": address };
    if (/^basic /i.test(headers.authorization ?? "")) headers.authorization = `Basic ${btoa(`stranger-${count}:wrong`)}`;
    const path = asked.url.slice(0, LONGEST_TARGET);
    const passed = request({ host: "127.0.0.1", port: app.port, method: asked.method, path, headers }, (given) => {
      answer.writeHead(given.statusCode, given.headers);
      given.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    asked.pipe(passed);
  });
  await new Promise((listens) => proxy.listen(0, "127.0.0.1", listens));
  return { url: `http://127.0.0.1:${proxy.address().port}`, close: () => proxy.close() };
}

/** Bytes of a request target that Roster's HTTP parser reads. */
const LONGEST_TARGET = 65_534;

/**
 * Random examples of each operation, besides those of the description and of the borders of its schemas. With PostgreSQL
 * fewer, because requests are read alike.
 */
const examples = process.env.ROSTER_TEST_EXAMPLES ?? (engine === "postgres" ? "2" : "4");

describe("every answer is one of the description, to the credential", { concurrency: 2 }, () => {
  for (const kind of ["administrator", "member", "reader", "narrowed"]) {
    test(kind, { timeout: 900_000 }, () =>
      full(async (app) => {
        const file = await document(app);
        const token = (await tokens(app))[kind];
        const proxy = await asManyStrangers(app);
        try {
          const args = ["--config-file", join(here, "schemathesis.toml"), "run", file, "--url", proxy.url];
          args.push("--header", `Authorization: Bearer ${token}`, "--checks", "all", "--phases", "examples,coverage,fuzzing");
          args.push("--max-examples", examples, "--seed", "20261129", "--no-color", "--warnings", "off", "--generation-database", "none");
          const { stdout } = await program("schemathesis", args, { cwd: app.folder });
          assert.match(stdout, /No issues found/i);
        } finally {
          proxy.close();
        }
      }));
  }
});
