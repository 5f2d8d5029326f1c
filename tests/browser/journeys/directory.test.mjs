// An administrator finds people among many, and the address bar always says what is shown.

import assert from "node:assert/strict";
import { test } from "node:test";
import { TestApp } from "../app.mjs";

test("the user directory", (t) =>
  TestApp.full(async (app) => {
    const ada = await app.signedIn();
    const users = `${ada.home}/users`;
    const { page } = ada;
    const { rows } = ada;
    const names = () => rows.locator(".c-name").getByRole("link").allInnerTexts();

    await t.test("searching while typing narrows the list and says so in the address", async () => {
      await ada.goes(`${users}?tab=active&sort=name&dir=asc`);
      const before = await rows.count();
      const email = /[^\s@]+@[^\s@]+\.\w+/.exec(await rows.nth(3).innerText())[0];
      await page.getByRole("searchbox").pressSequentially(email, { delay: 10 });
      await page.waitForURL((url) => url.searchParams.get("q") === email);
      await page.waitForFunction((most) => document.querySelectorAll(".list tbody tr").length < most, before);
      await ada.sees(email);
      assert.equal(ada.query.get("tab"), "active", "the rest of the view is kept");

      const shown = await rows.allInnerTexts();
      await page.reload();
      assert.deepEqual(await rows.allInnerTexts(), shown, "the address alone brings the same view");
      assert.equal(await page.getByRole("searchbox").inputValue(), email);
    });

    await t.test("what is typed before the script is there is searched for as well", async () => {
      const script = /\/roster[^/]*\.js/;
      await page.route(script, async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        await route.continue();
      });
      await page.goto(users, { waitUntil: "commit" });
      await page.getByRole("searchbox").fill("nobody-is-called-so");
      await page.waitForURL((url) => url.searchParams.get("q") === "nobody-is-called-so");
      assert.equal(await rows.count(), 0);
      await page.unroute(script);
    });

    await t.test("a search that finds nobody says so and offers the way back", async () => {
      await ada.goes(`${users}?q=nobody-is-called-so`);
      assert.equal(await rows.count(), 0);
      await ada.presses(/clear|all|reset/i);
      await rows.first().waitFor();
      assert.equal(ada.query.get("q") ?? "", "");
    });

    await t.test("tabs show people by status", async () => {
      await ada.goes(users);
      for (const tab of ["active", "invited", "disabled", "current"]) {
        await page.locator("main").getByRole("link", { name: new RegExp(`^${tab}`, "i") }).first().click();
        if (tab === "current") await ada.lands(/\/users(\?(?!.*tab=(active|invited|disabled)).*)?$/);
        else await ada.lands(new RegExp(`[?&]tab=${tab}\\b`));
        // Where all have one status, the column of it gives way to what differs.
        const status = { current: /active|invited/i, active: /\w/, invited: /expires|expired|void/i, disabled: /ago|just now/i }[tab];
        await rows.first().waitFor();
        for (const row of await rows.allInnerTexts()) assert.match(row, status);
      }
    });

    await t.test("headers sort, and again the other way round", async () => {
      for (const [header, sort] of Object.entries({ Name: "name", Status: "status", "Last sign-in": "last_sign_in" })) {
        await ada.goes(`${users}?sort=${sort === "name" ? "status" : "name"}&dir=asc`);
        const column = page.getByRole("columnheader", { name: new RegExp(`^${header}`, "i") });
        const seen = new Set();
        for (let times = 0; times < 2; times++) {
          const address = page.url();
          await column.getByRole("link").click();
          await page.waitForURL((url) => url.href !== address && (url.searchParams.get("sort") ?? "name") === sort);
          seen.add(await column.getAttribute("aria-sort"));
        }
        assert.deepEqual(seen, new Set(["ascending", "descending"]), `${header} sorts both ways`);
      }
      await ada.goes(`${users}?sort=name&dir=asc&per=25`);
      const first = await names();
      await ada.goes(`${users}?sort=name&dir=desc&per=25`);
      assert.notDeepEqual(await names(), first);
    });

    await t.test("filters narrow the list and stay in the address", async () => {
      await ada.goes(users);
      const before = await page.locator("[data-live-total]").innerText();
      await page.getByRole("button", { name: /^role/i }).click();
      const viewer = page.getByRole("checkbox", { name: "Viewer" });
      await viewer.check();
      await page.waitForURL(async (url) => url.searchParams.get("role") === (await viewer.getAttribute("value")));
      await page.locator("[data-live-total]").filter({ hasNotText: before }).waitFor();
      assert.ok(await viewer.isVisible(), "the sheet stays open for another choice");
      // A role may stand in the title of those that have no room.
      for (const row of await rows.all()) assert.match(await row.innerHTML(), /viewer/i);

      await ada.presses("Remove the filter Role");
      await page.locator("[data-live-total]").filter({ hasText: before }).waitFor();
      assert.equal(ada.query.get("role"), null);

      await ada.goes(`${users}?seen=never`);
      for (const row of await rows.allInnerTexts()) assert.match(row, /never|–|—/i);
    });

    await t.test("on a phone the list comes first, with controls for what the heads of columns do elsewhere", async () => {
      await page.setViewportSize({ width: 390, height: 844 });
      await ada.goes(users);
      const top = (await rows.first().boundingBox()).y;
      assert.ok(top < 360, `the first row begins at ${top}`);
      await page.getByLabel("Sort").selectOption({ label: "Name, Z to A" });
      await page.waitForURL((url) => url.searchParams.get("order") === "name.desc");
      await page.getByRole("checkbox", { name: "Select this page" }).check();
      const bar = page.locator("#bulk");
      await bar.getByText(/^\d+ selected$/).waitFor();
      assert.ok((await bar.boundingBox()).height < 60, "the bulk bar is one line");
      await page.getByRole("button", { name: /^filter/i }).click();
      await page.locator("#filters").getByRole("button", { name: /^role/i }).click();
      await page.getByRole("checkbox", { name: "Viewer" }).check();
      await page.waitForURL((url) => url.searchParams.has("role"));
      await page.getByRole("button", { name: /^more: /i }).click();
      await ada.sees("Export CSV");
      await page.setViewportSize({ width: 1280, height: 800 });
    });

    await t.test("pages go on and back without losing the view", async () => {
      await ada.goes(`${users}?per=25&sort=name&dir=asc`);
      const first = await names();
      assert.equal(first.length, 25);
      await ada.presses(/^next/i);
      await ada.lands(/[?&]after=/);
      const second = await names();
      assert.equal(second.length, 25, "how many rows a page has is remembered");
      assert.notDeepEqual(second, first);
      await ada.presses(/^previous/i);
      await ada.lands(/[?&]before=|\/users\?(?!.*after=)/);
      assert.deepEqual(await names(), first);
    });

    await t.test("somebody is disabled by keyboard alone, and at once enabled again", async () => {
      await ada.goes(`${users}?tab=active&sort=name&dir=asc`);
      // Not an administrator, who might be the last one, and not oneself.
      const candidate = rows.filter({ hasNot: page.locator(".tag.privileged, .you") }).first();
      const email = /[^\s@]+@[^\s@]+\.\w+/.exec(await candidate.innerText())[0];
      const row = ada.row(email);

      await row.getByRole("link").first().focus();
      await ada.tabsTo(row.getByRole("button", { name: /^actions/i }), { limit: 5 });
      await page.keyboard.press("Enter");
      await ada.tabsTo(page.locator(".menu:popover-open").getByRole("link", { name: /^disable/i }), { limit: 12 });
      await page.keyboard.press("Enter");
      // What follows names the person and what it means, and asks.
      const confirm = page.locator('form[action$="/disablement"]').getByRole("button", { name: /^disable/i });
      await ada.tabsTo(confirm.filter({ visible: true }).first());
      await page.keyboard.press("Enter");

      await ada.tabsTo(page.getByRole("button", { name: /^undo/i }));
      await ada.lands(/\/users\?(?=.*tab=active)/);
      assert.equal(await row.count(), 0, "the view is the same, without the disabled person");
      await page.keyboard.press("Enter");
      await ada.sees(/enabled/i);
      await ada.goes(`${users}?tab=active&q=${encodeURIComponent(email)}`);
      await ada.sees(email);
    });
  }));
