// Who comes in by SCIM, and what a provisioning client takes.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { ask as askApi } from "./credentials.mjs";
import { full } from "./programs.mjs";
import { GROUP, BULK, SEARCH, ProvisioningClient, assertError, isUnassigned, person, patch, run, withBrowser } from "./scim.mjs";

test("without the token of a provisioning client there is no way in", { timeout: 120_000 }, () =>
  full(async (app) => {
    const entra = await ProvisioningClient.create(app);
    const ada = await entra.does("POST", "/Users", person("ada"));
    const group = await entra.does("POST", "/Groups", { schemas: [GROUP], displayName: "Engines", members: [{ value: ada.id }] });
    const before = await entra.does("GET", `/Users/${ada.id}`);
    const requests = [
      ["GET", "/Users"],
      ["GET", `/Users/${ada.id}`],
      ["GET", "/Groups"],
      ["GET", `/Groups/${group.id}`],
      ["POST", "/Users", person("intruder")],
      ["PUT", `/Users/${ada.id}`, person("ada", { displayName: "Intruder" })],
      ["PATCH", `/Users/${ada.id}`, patch({ op: "replace", path: "active", value: false })],
      ["DELETE", `/Users/${ada.id}`],
      ["POST", "/.search", { schemas: [SEARCH] }],
      ["POST", "/Users/.search", { schemas: [SEARCH], filter: 'userName eq "ada@example.org"' }],
      ["POST", "/Bulk", { schemas: [BULK], Operations: [{ method: "DELETE", path: `/Users/${ada.id}` }] }],
    ];

    // Nobody, and those who are nobody.
    const changed = entra.token.replace(/.$/, (last) => (last === "a" ? "b" : "a"));
    const wrong = ["Bearer", "Bearer rst_s_", `Bearer ${changed}`, `Bearer ${entra.token}x`, `Token ${entra.token}`];
    let strangers = 0;
    for (const authorization of [undefined, ...wrong]) {
      const stranger = new ProvisioningClient(app, authorization === undefined ? {} : { authorization });
      for (const [method, path, body] of requests) {
        // Each from an address of its own: from one, the limit on wrong credentials would soon answer 429.
        strangers += 1;
        const headers = { "x-forwarded-for": `198.18.0.${strangers}` };
        const answer = await stranger.refused([401], method, path, body, { headers });
        assert.match(answer.headers.get("www-authenticate") ?? "", /^Bearer/i);
        assert.ok(!answer.text.includes(ada.id), answer.told);
      }
    }
    await new ProvisioningClient(app, {}).refused([400, 401], "GET", `/Users?access_token=${entra.token}`);

    // An administrator's browser, the system account of an administrator, which may read at most, and one without rights.
    await withBrowser(app, async (browser) => {
      const cookie = new ProvisioningClient(app, { cookie: browser.cookie(), origin: app.url, "sec-fetch-site": "same-origin" });
      for (const request of requests) await cookie.refused([401, 403], ...request);
      const token = await browser.token();
      const account = new ProvisioningClient(app, { authorization: `Bearer ${token}` });
      for (const request of requests) {
        const answer = await account.ask(...request);
        const isReading = request[0] === "GET" || request[1].endsWith(".search");
        const didNothing = answer.body?.Operations?.every(({ status }) => status === "403");
        if (!(isReading && answer.status === 200) && !didNothing) assertError(answer, [401, 403]);
      }
      const { id } = await askApi(app, token, "POST", "/system_accounts", { name: "without rights" });
      const made = await askApi(app, token, "POST", `/system_accounts/${id}/tokens`, { name: "all", mode: "read_write", expires_at: null });
      const powerless = new ProvisioningClient(app, { authorization: `Bearer ${made.text}` });
      // By its role CI/CD it may read.
      for (const request of requests) {
        const answer = await powerless.ask(...request);
        const isReading = request[0] === "GET" || request[1].endsWith(".search");
        const didNothing = answer.body?.Operations?.every(({ status }) => status === "403");
        if (!(isReading && answer.status === 200) && !didNothing) assertError(answer, [401, 403]);
      }
    });

    // A provisioning client of another organization sees its own, and its own only.
    await run(process.env.ROSTER_BIN, ["organization", "create", "Elsewhere", "--administrator", "eve@elsewhere.example"], { env: app.environment });
    const elsewhere = await ProvisioningClient.create(app, { name: "Entra ID", organization: "Elsewhere", options: ["--deletes", "--adopts"] });
    for (const [method, path, body] of requests.filter(([, path]) => /s\/.*-/.test(path))) {
      await elsewhere.refused([404], method, path, body);
    }
    const named = ['/Users?filter=userName eq "ada@example.org"', `/Users?filter=id eq "${ada.id}"`, '/Groups?filter=displayName eq "Engines"'];
    for (const path of ["/Users", "/Groups", ...named]) {
      const { text, told } = await elsewhere.ask("GET", path);
      assert.ok(!text.includes(ada.id) && !text.includes(group.id), told);
    }
    const theirs = await elsewhere.does("POST", "/Groups", { schemas: [GROUP], displayName: "Engines" });
    await elsewhere.refused([400, 404], "PATCH", `/Groups/${theirs.id}`, patch({ op: "add", path: "members", value: [{ value: ada.id }] }));
    const bulk = await elsewhere.does("POST", "/Bulk", { schemas: [BULK], Operations: [{ method: "DELETE", path: `/Users/${ada.id}` }] });
    assert.equal(bulk.Operations[0].status, "404");

    // What is told of the service is the same for everybody.
    for (const path of ["/ServiceProviderConfig", "/Schemas", "/ResourceTypes"]) {
      assert.equal((await elsewhere.ask("GET", path)).text, (await entra.ask("GET", path)).text, path);
      await entra.refused([403], "GET", `${path}?filter=id eq "x"`);
    }

    // Nothing of all that changed anything.
    assert.deepEqual(await entra.does("GET", `/Users/${ada.id}`), before);
    assert.equal((await entra.list('userName eq "intruder@example.org"')).total, 0);
  }),
);

test("a provisioning client takes over nobody and gives itself nothing", { timeout: 120_000 }, () =>
  full((app) => withBrowser(app, async (browser) => {
    const entra = await ProvisioningClient.create(app, { options: ["--adopts"] });
    const okta = await ProvisioningClient.create(app, { name: "Okta", options: ["--adopts"] });

    // An external id opens nothing, whatever it looks like.
    const ada = await entra.does("POST", "/Users", person("ada", { externalId: "1" }));
    const bert = await entra.does("POST", "/Users", person("bert", { externalId: ada.id }));
    assert.equal((await entra.does("GET", `/Users/${ada.id}`)).userName, "ada@example.org");
    assert.deepEqual((await entra.list(`id eq "${ada.id}"`)).resources.map(({ id }) => id), [ada.id]);
    assert.deepEqual((await entra.list(`externalId eq "${ada.id}"`)).resources.map(({ id }) => id), [bert.id]);
    await entra.refused([404], "GET", "/Users/1");
    await entra.refused([409], "POST", "/Users", person("carl", { externalId: "1" }), { scimType: "uniqueness" });
    await okta.does("POST", "/Users", person("dora", { externalId: "1" }));

    // A name that is taken, in whatever case, whoever asks for it.
    for (const client of [entra, okta]) {
      for (const userName of ["ada@example.org", "ADA@EXAMPLE.ORG", "Ada@example.org"]) {
        await client.refused([409], "POST", "/Users", person("ada", { userName, externalId: randomUUID() }), { scimType: "uniqueness" });
      }
    }
    // Another client's user is not changed.
    await okta.refused([403, 404, 409], "PATCH", `/Users/${ada.id}`, patch({ op: "replace", path: "active", value: false }));
    await okta.refused([403, 404, 409], "PUT", `/Users/${ada.id}`, person("ada", { displayName: "Okta's" }));
    await okta.refused([403, 404, 409], "DELETE", `/Users/${ada.id}`);
    const { active, displayName } = await entra.does("GET", `/Users/${ada.id}`);
    assert.deepEqual([active, displayName], [true, "ada"]);

    // What is the server's is the server's.
    const secret = "Jw8-never-to-be-seen";
    const claims = {
      id: "1",
      meta: { created: "1999-01-01T00:00:00Z", location: "https://evil.example/", version: 'W/"99"', resourceType: "Group" },
      groups: [{ value: randomUUID(), display: "Administrators" }],
      roles: [{ value: "Administrator", primary: true }],
      entitlements: [{ value: "Administrator" }],
      password: secret,
      "urn:ietf:params:scim:schemas:extension:evil:2.0:User": { is_administrator: true },
    };
    const eve = await entra.does("POST", "/Users", person("eve", claims));
    const token = await browser.token();
    const assertOrdinary = async () => {
      const now = await entra.does("GET", `/Users/${eve.id}`);
      assert.equal(now.id, eve.id);
      assert.equal(now.meta.location, `${app.url}/scim/v2/Users/${eve.id}`);
      assert.ok(now.meta.created > "2026" && now.meta.resourceType === "User", JSON.stringify(now.meta));
      assert.ok(isUnassigned(now.groups) && !JSON.stringify(now).includes(secret), JSON.stringify(now));
      const { roles } = await askApi(app, token, "GET", `/users/${eve.id}`);
      assert.ok(!JSON.stringify(roles).includes("Administrator"), JSON.stringify(roles));
    };
    await assertOrdinary();
    await entra.does("PUT", `/Users/${eve.id}`, person("eve", claims));
    await assertOrdinary();
    await entra.ask("PATCH", `/Users/${eve.id}`, patch({ op: "add", path: "roles", value: [{ value: "Administrator" }] }));
    await entra.ask("PATCH", `/Users/${eve.id}`, patch({ op: "replace", value: { password: secret, roles: claims.roles, groups: claims.groups } }));
    await assertOrdinary();
    const events = JSON.stringify(await askApi(app, token, "GET", "/audit_events?limit=200"));
    assert.ok(events.includes(eve.id) && !events.includes(secret), "the audit log tells of her, without a password");
    assert.ok(!app.log.includes(secret), "a password is in the log");

    // The administrator is shown, and cannot be disabled, deleted or renamed.
    const hasTheirAddress = ({ emails }) => emails?.some(({ value }) => value === app.administrator.email);
    const administrator = (await entra.list()).resources.find(hasTheirAddress);
    assert.ok(administrator, "the administrator is not in the list");
    const place = `/Users/${administrator.id}`;
    for (const [method, body] of [
      ["PATCH", patch({ op: "replace", path: "active", value: "False" })],
      ["PATCH", patch({ op: "replace", path: 'emails[type eq "work"].value', value: "eve@evil.example" })],
      ["PUT", { ...administrator, externalId: "administrator", active: false }],
      ["DELETE"],
    ]) {
      await entra.refused([403], method, place, body);
    }
    assert.deepEqual(await entra.does("GET", place), administrator);
    assert.equal((await browser.send("GET", `${browser.home}/users`)).status, 200);
  })),
);

test("no more users are created at once than there are seats", { timeout: 120_000 }, () =>
  full(async (app) => {
    const client = await ProvisioningClient.create(app);
    const roster = async (...args) => (await run(process.env.ROSTER_BIN, args, { env: app.environment })).stdout;
    const { organization } = app.administrator;
    const line = (await roster("organization", "list")).split("\n").find((one) => one.startsWith(organization));
    const taken = Number(/(\d+) of unlimited/.exec(line)[1]);
    await roster("organization", "plan", organization, "--seats", String(taken + 3));

    const answers = await Promise.all(Array.from({ length: 10 }, (_, number) => client.ask("POST", "/Users", person(`seat${number}`))));
    const created = answers.filter(({ status }) => status === 201);
    assert.equal(created.length, 3, answers.map(({ told }) => told).join("\n"));
    for (const answer of answers.filter((one) => !created.includes(one))) {
      assertError(answer, [403]);
      assert.match(answer.body.detail, /seats? .*taken/i);
    }
    assert.equal((await client.list('userName sw "seat"')).total, 3);

    // Who is disabled either keeps the seat, or gets none where somebody else has taken it.
    const one = `/Users/${created[0].body.id}`;
    const [off, on] = [false, true].map((value) => patch({ op: "replace", path: "active", value }));
    await client.does("PATCH", one, off);
    const other = await client.ask("POST", "/Users", person("late"));
    if (other.status === 201) await client.refused([403], "PATCH", one, on); // a disabled person has no seat
    else assertError(other, [403]);
  }),
);
