// Programs that call the API: an administrator makes the first token in the browser, and it makes the others.

import assert from "node:assert/strict";

/** The text of a token of a new system account that may do everything, made in the browser. */
export async function administratorToken(app) {
  const ada = await app.person();
  await ada.signsIn(app.administrator.email, app.administrator.password);
  await ada.lands(/^\/o\/[0-9a-f-]{36}\//);
  const { home } = ada;
  await ada.goes(`${home}/system-accounts/new`);
  await ada.fills([/^name/i, "programs"]);
  await ada.page.getByRole("radio", { name: /^administrator/i }).check();
  await ada.presses(/^create system account/i);
  await ada.lands(/\/system-accounts\/[0-9a-f-]{36}/);
  const account = new URL(ada.page.url()).pathname.split("/").slice(0, 5).join("/");
  await ada.goes(`${account}/tokens/new`);
  await ada.fills([/^name/i, "programs"]);
  await ada.page.getByRole("radio", { name: /^read and write/i }).check();
  await ada.presses("Create Token");
  const text = await ada.page.locator("#value").inputValue();
  assert.match(text, /^rst_s_[0-9A-Za-z]{57}$/);
  return text;
}

/** One request of a program. */
export async function ask(app, token, method, path, body) {
  const answer = await fetch(`${app.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

/** Tokens of four kinds of caller: an administrator, an ordinary member, one that only reads, one that is narrowed. */
export async function tokens(app) {
  const administrator = await administratorToken(app);
  const roles = await ask(app, administrator, "GET", "/roles?limit=200");
  const role = (name) => roles.data.find((one) => one.name === name).id;
  const make = async (name, role_ids, token) => {
    const account = await ask(app, administrator, "POST", "/system_accounts", { name, role_ids });
    const made = await ask(app, administrator, "POST", `/system_accounts/${account.id}/tokens`, { name, expires_at: null, ...token });
    return made.text;
  };
  return {
    administrator,
    member: await make("ordinary", [role("CI/CD")], { mode: "read_write" }),
    reader: await make("reader", [role("Administrator")], { mode: "read" }),
    narrowed: await make("narrowed", [role("Administrator")], { mode: "read_write", permissions: ["user:read:*", "team:manage:*"] }),
  };
}
