// Filters and bodies of SCIM that are wrong, too large, or meant to do harm.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import http from "node:http";
import { test } from "node:test";
import { full } from "./programs.mjs";
import { CORE, GROUP, PATCH_OP, BULK, SEARCH, ProvisioningClient, assertError, person, patch } from "./scim.mjs";

test("filters read no secret, inject nothing and exhaust nothing", { timeout: 120_000 }, () =>
  full(async (app) => {
    const client = await ProvisioningClient.create(app);
    await client.does("POST", "/Users", person("ada", { password: "Vq7-secret-of-ada", title: "100% of x_y" }));
    const filtered = (filter, statuses, scimType = "invalidFilter") =>
      client.refused(statuses ?? [400], "GET", `/Users?filter=${encodeURIComponent(filter)}`, undefined, { scimType });

    // Secrets and what is not an attribute.
    for (const filter of [
      "password pr",
      "not (password pr)",
      'password sw "Vq7"',
      'PASSWORD eq "x"',
      `${CORE}:password pr`,
      'userName pr or password co "V"',
      'emails[password eq "x"]',
      'organization_id eq "x"',
      'members.name eq "x"',
      'userName; drop table members eq "x"',
    ]) {
      await filtered(filter);
      await client.refused([400], "POST", "/Users/.search", { schemas: [SEARCH], filter }, { scimType: "invalidFilter" });
    }
    await client.refused([400], "GET", "/Users?sortBy=password");
    // That no answer has a password is checked in each.
    for (const query of ["attributes=password", "attributes=userName,password", "excludedAttributes=userName"]) {
      await client.ask("GET", `/Users?${query}`);
    }

    // No filter at all.
    for (const filter of [
      "userName",
      "userName eq",
      'userName eq "ada',
      'userName eq "x" or "1"="1"',
      "userName eq 'ada@example.org'",
      'userName eq "x" or',
      'userName is "x"',
      'active gt true',
      'active co "t"',
      'meta.created gt "yesterday"',
      'userName eq "x")',
      'emails[type eq "work"',
      "\u0000",
    ]) {
      await filtered(filter);
    }

    // Signs that mean something to a database.
    for (const value of ["x' or '1'='1", "x' or 1=1 --", "%", "_da@example.org", "ada@example.or_", "\\", "*"]) {
      for (const op of ["eq", "sw", "ew", "co"]) {
        const { total } = await client.list(`userName ${op} ${JSON.stringify(value)} and externalId eq "external ada"`);
        assert.equal(total, 0, `userName ${op} ${value}`);
      }
    }
    for (const [value, total] of [["100% of", 1], ["x_y", 1], ["xzy", 0], ["100%%", 0], ["1%x", 0]]) {
      assert.equal((await client.list(`title co ${JSON.stringify(value)}`)).total, total, value);
    }

    // Too deep, too long, too many.
    const deep = `${"(".repeat(100_000)}userName pr${")".repeat(100_000)}`;
    const tooMuch = ["invalidFilter", "tooMany"];
    await client.refused([400], "POST", "/Users/.search", { schemas: [SEARCH], filter: deep }, { scimType: tooMuch });
    const nots = `${"not (".repeat(20_000)}userName pr${")".repeat(20_000)}`;
    await client.refused([400], "POST", "/Users/.search", { schemas: [SEARCH], filter: nots }, { scimType: tooMuch });
    const terms = Array(10_000).fill("userName pr").join(" or ");
    await client.refused([400], "POST", "/Users/.search", { schemas: [SEARCH], filter: terms }, { scimType: tooMuch });
    await filtered(`${"(".repeat(5_000)}userName pr${")".repeat(5_000)}`, [400], tooMuch);
    await filtered(`userName eq "${"x".repeat(10_000)}"`, [400], tooMuch);
    // So long an address is refused before it is read.
    await client.refused([414], "GET", `/Users?filter=${"(".repeat(33_000)}`);

    // Pages.
    const page = await client.does("GET", "/Users?count=1000000000");
    assert.ok(page.Resources.length <= 200 && page.itemsPerPage === page.Resources.length, `${page.itemsPerPage} on a page`);
    const { totalResults } = page;
    for (const start of ["-1", "0", "-9223372036854775808"]) {
      const first = await client.does("GET", `/Users?startIndex=${start}&count=1`);
      assert.deepEqual([first.startIndex, first.totalResults, first.Resources[0].id], [1, totalResults, page.Resources[0].id]);
    }
    for (const count of ["0", "-1"]) {
      const none = await client.does("GET", `/Users?count=${count}`);
      assert.deepEqual([none.totalResults, none.Resources ?? []], [totalResults, []]);
    }
    const far = await client.does("GET", "/Users?startIndex=1000000&count=10");
    assert.deepEqual([far.totalResults, far.Resources ?? []], [totalResults, []]);
    for (const query of ["startIndex=9223372036854775808", "count=99999999999999999999999", "startIndex=9223372036854775807&count=200"]) {
      const answer = await client.ask("GET", `/Users?${query}`);
      assert.ok([200, 400].includes(answer.status), answer.told);
    }
    await client.refused([400], "GET", "/Users?count=many");
    assert.ok(!app.log.includes("Vq7-secret"), "a password is in the log");
  }),
);

test("bodies that are wrong or too large are refused and change nothing", { timeout: 120_000 }, () =>
  full(async (app) => {
    const client = await ProvisioningClient.create(app, { options: ["--deletes"] });
    const { body: ada } = await client.ask("POST", "/Users", person("ada"), { "content-type": "application/json; charset=utf-8" });
    const group = await client.does("POST", "/Groups", { schemas: [GROUP], displayName: "Engines" });
    const before = await client.list();
    const [user, team] = [`/Users/${ada.id}`, `/Groups/${group.id}`];
    const secret = "Zk3-never-to-be-seen";

    // No JSON, or not an object.
    const nested = `{"a":${'{"a":'.repeat(50_000)}`;
    const wrongBodies = ["", "{", "[]", "null", '"x"', "[".repeat(100_000), nested, '{"userName":"\\ud800"}', "\u0000"];
    const readers = [
      ["POST", "/Users"],
      ["PUT", user],
      ["PATCH", user],
      ["POST", "/Groups"],
      ["PATCH", team],
      ["POST", "/Bulk"],
    ];
    for (const body of wrongBodies) for (const [method, path] of readers) await client.refused([400], method, path, body);
    for (const body of wrongBodies.slice(1, -2)) await client.refused([400], "POST", "/Users/.search", body);
    const typed = await client.ask("POST", "/Users", person("typed"), { "content-type": "text/plain" });
    assert.ok([400, 415].includes(typed.status), typed.told);

    // Users that are none. What is said of a value does not repeat the password beside it.
    for (const wrong of [
      { externalId: 12 },
      { externalId: ["x"] },
      { externalId: "x".repeat(10_240) },
      { userName: undefined },
      { userName: "" },
      { userName: 12 },
      { userName: ["a", "b"] },
      { userName: "x".repeat(10_240) },
      { active: 1 },
      { active: "perhaps" },
      { emails: "wrong@example.org" },
      { emails: [{ type: "work", value: ["a@example.org", "b@example.org"] }] },
      { name: "Wrong" },
      { displayName: { formatted: "Wrong" } },
    ]) {
      const body = { ...person("wrong"), password: secret, ...wrong };
      const { text, told } = await client.refused([400], "POST", "/Users", body, { scimType: ["invalidValue", "invalidSyntax"] });
      assert.ok(!text.includes(secret), told);
    }
    const twice = [1, 2].map((number) => ({ type: "work", value: `wrong${number}@example.org`, primary: true }));
    const primaries = await client.ask("POST", "/Users", person("wrong", { emails: twice }));
    if (primaries.status === 201) {
      assert.equal(primaries.body.emails.filter(({ primary }) => primary).length, 1, primaries.told);
      await client.does("DELETE", `/Users/${primaries.body.id}`);
    } else assertError(primaries, [400]);

    // Patches that are none.
    for (const [operations, scimType] of [
      [[{ op: "move", path: "title", value: "x" }]],
      [[{ op: "remove" }], "noTarget"],
      [[{ op: "replace", path: 'emails[type eq "work"', value: "x" }], ["invalidPath", "invalidFilter"]],
      [[{ op: "replace", path: "nothing.like.this[", value: "x" }], "invalidPath"],
      [[{ op: "replace", path: "id", value: randomUUID() }], "mutability"],
      [[{ op: "replace", path: "active", value: "perhaps" }], "invalidValue"],
      [[{ op: "replace", path: "externalId", value: 12 }], "invalidValue"],
      [[]],
      [undefined],
    ]) {
      await client.refused([400], "PATCH", user, { schemas: [PATCH_OP], Operations: operations }, { scimType });
    }
    await client.refused([400], "PATCH", team, patch({ op: "add", path: "members", value: [{ value: group.id, type: "Group" }] }));
    await client.refused([400, 404], "PATCH", team, patch({ op: "add", path: "members", value: [{ value: "not an id" }] }));

    // Too many operations.
    const titles = Array.from({ length: 10_001 }, (_, number) => ({ op: "replace", path: "title", value: `${number}` }));
    await client.refused([400, 413], "PATCH", user, patch(...titles));
    const creates = (name, path, data) => ({ method: "POST", path, bulkId: name, data });
    const creations = Array.from({ length: 101 }, (_, number) => creates(`b${number}`, "/Users", person(`bulk${number}`)));
    await client.refused([413], "POST", "/Bulk", { schemas: [BULK], Operations: creations });
    const strange = [
      { method: "GET", path: user },
      creates("x", "/Bulk", {}),
      { method: "PUT", path: "/Users/bulkId:none", data: person("wrong") },
    ];
    const bulk = await client.ask("POST", "/Bulk", { schemas: [BULK], Operations: strange });
    if (bulk.status !== 400) for (const { status } of bulk.body.Operations) assert.match(status, /^4\d\d$/, bulk.told);
    const ring = (name, other) => ({ schemas: [GROUP], displayName: `Ring ${name}`, members: [{ value: `bulkId:${other}` }] });
    const both = [creates("a", "/Groups", ring("a", "b")), creates("b", "/Groups", ring("b", "a"))];
    const rings = await client.ask("POST", "/Bulk", { schemas: [BULK], Operations: both });
    for (const { status, location } of rings.body.Operations ?? []) {
      assert.match(status, /^(201|4\d\d)$/, rings.told);
      if (status === "201") await client.does("DELETE", location.slice(client.base.length));
    }

    // Two megabytes, with and without a length that says so.
    for (const path of ["/Users", "/Bulk", "/.search"]) {
      assertError(await large(client, path, true), [413]);
      const status = (await large(client, path, false)).status;
      assert.ok(status === 413 || status === 0, `${path} in chunks: ${status}`);
    }

    // Places and methods that do not exist.
    const swapped = [`/Users/${group.id}`, `/Groups/${ada.id}`, `/Users/${randomUUID()}`];
    for (const path of ["/Nothing", "/Users/not-an-id", ...swapped, "/Users/..%2fGroups", "/Schemas/urn:none", "/ResourceTypes/None"]) {
      await client.refused([404], "GET", path);
    }
    const missing = [
      ["DELETE", "/Users"],
      ["PUT", "/Groups"],
      ["POST", "/Schemas"],
      ["DELETE", "/ServiceProviderConfig"],
    ];
    for (const [method, path] of missing) {
      const answer = await client.ask(method, path, method === "DELETE" ? undefined : {});
      assert.ok([403, 404, 405, 501].includes(answer.status), answer.told);
    }
    await client.refused([501], "GET", "/Me");

    assert.deepEqual(await client.list(), before);
    assert.ok(!app.log.includes(secret), "a password is in the log");
  }),
);

/** Posts two megabytes. An announced length has to be enough for a refusal: the body waits for the answer. */
function large({ app, headers }, path, isAnnounced) {
  const body = Buffer.from(JSON.stringify({ schemas: [CORE], userName: "large", title: "x".repeat(2 * 1024 * 1024) }));
  const sent = { ...headers, host: `localhost:${app.port}`, "content-type": "application/scim+json" };
  if (isAnnounced) sent["content-length"] = body.length;
  const target = { host: "127.0.0.1", port: app.port, method: "POST", path: `/scim/v2${path}`, headers: sent };
  return new Promise((done) => {
    const request = http.request(target, (answer) => {
      let text = "";
      const end = () => {
        const told = `POST ${path}, ${body.length} bytes: ${answer.statusCode} ${text.slice(0, 500)}`;
        const headers = new Headers({ "content-type": answer.headers["content-type"] ?? "" });
        done({ status: answer.statusCode, headers, text, told, body: text.startsWith("{") ? JSON.parse(text) : undefined });
        request.destroy();
      };
      answer.on("data", (part) => (text += part)).on("end", end).on("error", end);
    });
    request.on("error", ({ message }) => done({ status: 0, headers: new Headers(), text: "", told: `POST ${path}: ${message}` }));
    if (isAnnounced) {
      request.flushHeaders();
      setTimeout(() => request.destroyed || request.end(body), 2_000).unref();
    } else {
      request.end(body);
    }
  });
}
