// Somebody at a browser: goes, fills, presses, sees. Things are found the way people find them, by what they are called.

import assert from "node:assert/strict";

export class Person {
  /** The answer that brought the page now shown. */
  document;
  #heard = [];
  #refused = new Set();

  constructor(app, page) {
    this.app = app;
    this.page = page;
    page.on("response", (response) => {
      const request = response.request();
      // The answer to a form in a dialog is a page as well, if it leads nowhere else.
      const isAnswer = "roster-dialog" in request.headers() && response.status() !== 204;
      if (!isAnswer && (!request.isNavigationRequest() || request.frame() !== page.mainFrame())) return;
      this.document = response;
      if (response.status() >= 400 && response.status() < 500) this.#refused.add(response.url());
    });
    page.on("console", (message) => {
      if (message.type() === "error") this.#heard.push({ text: message.text(), url: message.location().url });
    });
    page.on("pageerror", (error) => this.#heard.push({ text: error.stack ?? error.message, url: page.url() }));
  }

  /** Errors in the console. That a page was refused (a form with a mistake, a dead link) is no error, nor is what a provider's page says. */
  get complaints() {
    const isForeign = (url) => /^https?:/.test(url) && !url.startsWith(`${this.app.url}/`);
    return this.#heard
      .filter(({ url }) => !isForeign(url))
      .filter(({ text, url }) => !(text.startsWith("Failed to load resource") && this.#refused.has(url)))
      .map(({ text, url }) => `in the console at ${url}: ${text}`);
  }

  // ── Hands and eyes ─────────────────────────────────────────────────────────────────────────────────────────────

  async goes(address) {
    return (await this.page.goto(address)).status();
  }

  /** A field to type or choose in, by its label. */
  field(label) {
    return this.page
      .getByLabel(label)
      .and(this.page.locator("input:not([type=checkbox], [type=radio]), textarea, select"))
      .filter({ visible: true });
  }

  /** [[label, what to type], …] */
  async fills(...fields) {
    for (const [label, text] of fields) await this.field(label).fill(text);
  }

  /** A button or a link by its name; while a dialog is open only what is in it can be pressed, else the page's main part. */
  control(name) {
    const { page } = this;
    const named = page.getByRole("button", { name }).or(page.getByRole("link", { name })).filter({ visible: true });
    // One question, so that a dialog which opens only after it was asked is found too.
    return named.and(page.locator("dialog[open] *, body:not(:has(dialog[open])) main *")).first();
  }

  async presses(name) {
    await this.control(name).click();
  }

  async sees(text) {
    await this.page.getByText(text).filter({ visible: true }).first().waitFor();
  }

  async seesNot(text) {
    assert.equal(await this.page.getByText(text).filter({ visible: true }).count(), 0, `${text} is there at ${this.page.url()}`);
  }

  /** Waits until the address (path and query) is like this. */
  async lands(pattern) {
    await this.page.waitForURL((url) => pattern.test(url.pathname + url.search));
  }

  get query() {
    return new URL(this.page.url()).searchParams;
  }

  // ── Keyboard ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Presses Tab until the focus is there, and checks that it can be seen. */
  async tabsTo(target, { limit = 80 } = {}) {
    await target.waitFor();
    for (let pressed = 0; pressed <= limit; pressed++) {
      const focus = await target.evaluate((element) => {
        if (element !== document.activeElement) return "elsewhere";
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
        return (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none" ? "visible" : "hidden";
      });
      if (focus !== "elsewhere") return assert.equal(focus, "visible", `the focus on ${target} cannot be seen`);
      await this.page.keyboard.press("Tab");
    }
    assert.fail(`${target} is not reached by pressing Tab ${limit} times`);
  }

  // ── Chores that many journeys begin with ───────────────────────────────────────────────────────────────────────

  async movesIn({ organization, name, email, password }) {
    await this.goes(await this.app.setUpLink());
    await this.lands(/^\/setup\?link=[\w-]{16}$/);
    await this.fills([/organi[sz]ation/i, organization], [/display name/i, name], [/email/i, email], [/password/i, password]);
    await this.presses(/set up|create|start|begin/i);
    await this.lands(/^\/o\/[0-9a-f-]{36}\/users/);
  }

  async signsIn(email, password) {
    if (!/\/sign-in/.test(this.page.url())) await this.goes("/sign-in");
    await this.fills([/email|username/i, email], [/password/i, password]);
    await this.presses(/^sign in$/i);
  }

  async signsOut() {
    await this.page.getByRole("button", { name: /sign out/i }).filter({ visible: true }).first().click();
    await this.lands(/^\/sign-in/);
  }

  /** The path of the organization whose page is shown. */
  get home() {
    const home = /^\/o\/[0-9a-f-]{36}/.exec(new URL(this.page.url()).pathname);
    assert.ok(home, `not at home: ${this.page.url()}`);
    return home[0];
  }

  async invites(addresses) {
    await this.goes(`${this.home}/users`);
    await this.presses(/^invite users/i);
    await this.fills([/address/i, addresses]);
    await this.page.getByRole("radio", { name: /general/i }).check();
    await this.page.locator('form[action$="/invitations"]').getByRole("button", { name: /invite|send/i }).click();
    await this.lands(/\/invitations\/sent/);
  }

  /** From the link in the mail into the directory. */
  async accepts(link, { name, email, password }) {
    await this.goes(link);
    await this.lands(/^\/invitation\?link=[\w-]{16}$/);
    await this.fills([/display name/i, name], [/password/i, password]);
    await this.presses(/accept|join/i);
    await this.lands(/^\/o\/|^\/sign-in/);
    if (/\/sign-in/.test(this.page.url())) await this.signsIn(email, password);
    await this.lands(/^\/o\/[0-9a-f-]{36}\//);
    await this.goes(`${this.home}/users`);
  }

  // ── The user directory ─────────────────────────────────────────────────────────────────────────────────────────

  /** The rows of the list; other tables, such as the figures of the picture, are none. */
  get rows() {
    return this.page.locator(".list tbody tr");
  }

  /** The row of the list that holds this text. */
  row(text) {
    return this.rows.filter({ hasText: text });
  }

  async choosesInRow(text, action) {
    await this.row(text).getByRole("button", { name: /^actions/i }).click();
    const { page } = this;
    await page.getByRole("button", { name: action }).or(page.getByRole("link", { name: action })).filter({ visible: true }).first().click();
  }
}
