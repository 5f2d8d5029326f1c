// Programs that call the API: an administrator makes their token in the browser.

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
