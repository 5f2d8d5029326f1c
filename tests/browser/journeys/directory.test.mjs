// An administrator finds people among many, and the address bar always says what is shown.

import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../house.mjs";

test("the user directory", (t) =>
  House.full(async (house) => {
    const ada = await house.person();
    await ada.signsIn(house.administrator.email, house.administrator.password);
    await ada.lands(/^\/o\//);
    const users = `${ada.home}/users`;
    const { page } = ada;
    const rows = page.locator("tbody tr");
    const names = () => rows.getByRole("rowheader").or(rows.locator(".name")).getByRole("link").allInnerTexts();

    await t.test("searching while typing narrows the list and says so in the address", async () => {
      await ada.goes(`${users}?tab=active&sort=name&dir=asc`);
      const before = await rows.count();
      const email = /[^\s@]+@[^\s@]+\.\w+/.exec(await rows.nth(3).innerText())[0];
      await page.getByRole("searchbox").pressSequentially(email, { delay: 10 });
      await page.waitForURL((url) => url.searchParams.get("q") === email);
      await page.waitForFunction((most) => document.querySelectorAll("tbody tr").length < most, before);
      await ada.sees(email);
      assert.equal(ada.query.get("tab"), "active", "the rest of the view is kept");

      const shown = await rows.allInnerTexts();
      await page.reload();
      assert.deepEqual(await rows.allInnerTexts(), shown, "the address alone brings the same view");
      assert.equal(await page.getByRole("searchbox").inputValue(), email);
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
        const status = tab === "current" ? /active|invited/i : new RegExp(tab, "i");
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
          await page.waitForURL((url) => url.href !== address && url.searchParams.get("sort") === sort);
          seen.add(ada.query.get("dir") ?? "asc");
          const sorted = ada.query.get("dir") === "desc" ? "descending" : "ascending";
          assert.equal(await column.getAttribute("aria-sort"), sorted);
        }
        assert.equal(seen.size, 2, `${header} sorts both ways`);
      }
      await ada.goes(`${users}?sort=name&dir=asc&per=25`);
      const first = await names();
      await ada.goes(`${users}?sort=name&dir=desc&per=25`);
      assert.notDeepEqual(await names(), first);
    });

    await t.test("filters narrow the list and stay in the address", async () => {
      await ada.goes(users);
      const before = await page.locator("[data-live-total]").innerText();
      const role = page.locator("select[name=role]");
      // The filters may live in a sheet that opens first.
      if (!(await role.isVisible())) await ada.presses(/^filter|^role/i);
      await role.selectOption({ index: 1 });
      const chosen = await role.inputValue();
      await page.waitForURL((url) => url.searchParams.get("role") === chosen, { timeout: 1_500 }).catch(() => ada.presses(/apply|filter|show/i));
      await page.waitForURL((url) => url.searchParams.get("role") === chosen);
      const after = page.locator("[data-live-total]").filter({ hasNotText: before });
      await after.waitFor();

      await ada.goes(`${users}?seen=never`);
      for (const row of await rows.allInnerTexts()) assert.match(row, /never|–|—/i);
    });

    await t.test("pages go on and back without losing the view", async () => {
      await ada.goes(`${users}?per=25&sort=name&dir=asc`);
      const first = await names();
      assert.equal(first.length, 25);
      await ada.presses(/^next/i);
      await ada.lands(/[?&]after=/);
      assert.equal(ada.query.get("per"), "25");
      const second = await names();
      assert.equal(new Set([...first, ...second]).size > 25, true);
      await ada.presses(/^previous/i);
      await ada.lands(/[?&]before=|\/users\?(?!.*after=)/);
      assert.deepEqual(await names(), first);
    });

    await t.test("somebody is disabled by keyboard alone, and at once enabled again", async () => {
      await ada.goes(`${users}?tab=active&sort=name&dir=asc`);
      // Not an administrator, who might be the last one, and not oneself.
      const candidate = rows.filter({ hasNotText: /administrator/i }).filter({ hasNotText: /\byou\b/i }).first();
      const email = /[^\s@]+@[^\s@]+\.\w+/.exec(await candidate.innerText())[0];
      const row = ada.row(email);

      await row.getByRole("link").first().focus();
      await ada.tabsTo(row.getByRole("button", { name: /^actions/i }), { limit: 5 });
      await page.keyboard.press("Enter");
      const item = page.getByRole("link", { name: /^disable/i }).or(page.getByRole("button", { name: /^disable/i }));
      await ada.tabsTo(item.filter({ visible: true }).first(), { limit: 12 });
      await page.keyboard.press("Enter");
      // What follows names the person and what it means, and asks.
      const confirm = page.locator('form[action$="/disablement"]').getByRole("button", { name: /^disable/i });
      await ada.tabsTo(confirm.filter({ visible: true }).first());
      await page.keyboard.press("Enter");

      await ada.tabsTo(page.getByRole("button", { name: /^undo/i }));
      await ada.goes(`${users}?tab=disabled&q=${encodeURIComponent(email)}`);
      await ada.sees(email);
      await page.goBack();

      await ada.tabsTo(page.getByRole("button", { name: /^undo/i }));
      await page.keyboard.press("Enter");
      await ada.sees(/enabled/i);
      await ada.goes(`${users}?tab=active&q=${encodeURIComponent(email)}`);
      await ada.sees(email);
    });
  }));
