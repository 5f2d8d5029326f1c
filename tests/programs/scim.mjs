// A provisioning client as the tests of SCIM use it: its requests, what holds for every answer, what it sends.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Roster } from "../bench/roster.mjs";

export const run = promisify(execFile);
export const CORE = "urn:ietf:params:scim:schemas:core:2.0:User";
export const GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group";
export const PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
export const BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
export const SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
export const ERROR = "urn:ietf:params:scim:api:messages:2.0:Error";

// ── A provisioning client ─────────────────────────────────────────────────────────────────────────────────────────

export const TOKEN = /^rst_s_[0-9A-Za-z]{57}$/m;

/** What `roster provisioning create` takes. */
export const creation = (organization, name, options) => ["provisioning", "create", "--organization", organization, "--name", name, ...options];

/** What an identity provider has of Roster: an address and a token. */
export class ProvisioningClient {
  static async create(app, { name = "Entra ID", organization = app.administrator.organization, options = [] } = {}) {
    const { stdout } = await run(process.env.ROSTER_BIN, creation(organization, name, options), { env: app.environment });
    const token = TOKEN.exec(stdout)?.[0];
    assert.ok(token, `no token: ${stdout}`);
    return new ProvisioningClient(app, { authorization: `Bearer ${token}` }, token);
  }

  constructor(app, headers, token) {
    Object.assign(this, { app, headers, token, base: `${app.url}/scim/v2` });
  }

  /** One request. What holds for every answer is checked here. */
  async ask(method, path, body, headers = {}) {
    const sent = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
    const answer = await fetch(this.base + encoded(path), {
      method,
      headers: { ...this.headers, ...(sent !== undefined && { "content-type": "application/scim+json" }), ...headers },
      body: sent,
      redirect: "manual",
    });
    const text = await answer.text();
    const told = `${method} ${path.slice(0, 300)}: ${answer.status} ${text.slice(0, 2_000)}`;
    assert.ok(answer.status < 500 || answer.status === 501, told);
    assert.doesNotMatch(text, /"password"\s*:/i, told);
    if (text === "") return { status: answer.status, headers: answer.headers, text, told };
    const isParsed = (answer.headers.get("content-type") ?? "").startsWith("application/scim+json");
    return { status: answer.status, headers: answer.headers, text, told, body: isParsed ? JSON.parse(text) : undefined };
  }

  /** Same for a request that must succeed. Returns what was answered. */
  async does(method, path, body) {
    const answer = await this.ask(method, path, body);
    assert.ok(answer.status >= 200 && answer.status < 300, answer.told);
    return answer.body;
  }

  /** Same for a request that must be refused, with an error as RFC 7644 describes it. */
  async refused(statuses, method, path, body, { scimType, headers } = {}) {
    const answer = await this.ask(method, path, body, headers);
    assertError(answer, statuses, scimType);
    return answer;
  }

  /** All users that match, page by page. Every page has to tell the true total. */
  async list(filter, count = 100) {
    const resources = [];
    for (;;) {
      const wanted = filter ? `&filter=${encodeURIComponent(filter)}` : "";
      const page = await this.does("GET", `/Users?startIndex=${resources.length + 1}&count=${count}${wanted}`);
      resources.push(...(page.Resources ?? []));
      if (page.totalResults <= resources.length || !page.Resources?.length) return { resources, total: page.totalResults };
    }
  }
}

/** A path that was written for people is encoded; others are sent as they are. */
export function encoded(path) {
  if (!/[ "]/.test(path)) return path;
  const [place, query = ""] = path.split(/\?(.*)/s);
  const pairs = query.split("&").map((pair) => pair.split(/=(.*)/s).slice(0, 2));
  return `${place}?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}`;
}

export function assertError(answer, statuses, scimType) {
  const { told, status, body } = answer;
  assert.ok([statuses].flat().includes(status), `not ${statuses}: ${told}`);
  assert.match(answer.headers.get("content-type") ?? "", /^application\/scim\+json/, told);
  assert.deepEqual(body.schemas, [ERROR], told);
  assert.equal(body.status, String(status), told);
  if (scimType) assert.ok([scimType].flat().includes(body.scimType), `not ${scimType}: ${told}`);
}

/** Does this for each, eight at a time. */
export async function each(list, work) {
  const left = [...list].entries();
  const worker = async () => {
    for (const [at, one] of left) await work(one, at);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

export const person = (name, more = {}) => ({
  schemas: [CORE],
  userName: `${name}@example.org`,
  externalId: `external ${name}`,
  displayName: name,
  emails: [{ type: "work", primary: true, value: `${name}@example.org` }],
  active: true,
  ...more,
});

export const patch = (...operations) => ({ schemas: [PATCH_OP], Operations: operations });

/** A browser at this Roster in which the administrator is signed in. */
export async function withBrowser(app, work) {
  const browser = new Roster();
  try {
    Object.assign(browser, { port: app.port, demo: app.administrator, home: `/o/${app.administrator.organization}` });
    await browser.signsIn();
    return await work(browser);
  } finally {
    browser.close();
  }
}

/** The value at a dotted path. A key may have dots itself, as the names of schemas do. */
export function at(value, path) {
  if (value === null || typeof value !== "object") return undefined;
  if (path in value) return value[path];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const found = path.slice(0, dot) in value ? at(value[path.slice(0, dot)], path.slice(dot + 1)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** RFC 7643, section 2.5: null and an empty list are the same as nothing. */
export const isUnassigned = (value) => value === undefined || value === null || (Array.isArray(value) && value.length === 0);
