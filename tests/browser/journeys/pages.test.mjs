// Every page, looked at in light and dark, on a desk and on a phone; with SHOTS=1 there are pictures of them in shots/.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkHeadersOfAnything, inspect } from "../checks.mjs";
import { House } from "../house.mjs";

test("the first page of an empty house", () =>
  House.empty(async (house) => {
    const ada = await house.person();
    await ada.goes(await house.setUpLink());
    await ada.lands(/^\/setup$/);
    await inspect(ada, "setup");
  }));

test("every page is in good order", (t) =>
  House.full(async (house) => {
    const ada = await house.person();

    for (const [name, path, status] of [
      ["sign-in", "/sign-in", 200],
      ["password-forgotten", "/password/forgotten", 200],
      ["not-found-signed-out", "/there/is/no/such/page", 404],
    ]) {
      await t.test(name, async () => {
        assert.equal(await ada.goes(path), status);
        await inspect(ada, name);
      });
    }

    await t.test("sign-in refused", async () => {
      await ada.signsIn(house.administrator.email, "not-the-password-at-all");
      await ada.page.waitForLoadState();
      await inspect(ada, "sign-in-refused");
    });

    await ada.signsIn(house.administrator.email, house.administrator.password);
    await ada.lands(/^\/o\//);
    const { home, page } = ada;
    await ada.goes(`${home}/users?tab=active&sort=name`);
    const somebody = await ada.rows
      .filter({ hasNotText: /administrator|\byou\b/i })
      .first()
      .locator('a[href*="/users/"]')
      .first()
      .getAttribute("href");
    const profile = new URL(somebody, house.url).pathname;

    for (const [name, path, status] of [
      ["users", `${home}/users`, 200],
      ["users-invited", `${home}/users?tab=invited`, 200],
      ["users-disabled", `${home}/users?tab=disabled`, 200],
      ["users-nobody", `${home}/users?q=nobody-is-called-so`, 200],
      ["user", profile, 200],
      ["user-activity", `${profile}/activity`, 200],
      ["user-disablement", `${profile}/disablement`, 200],
      ["invitations-new", `${home}/invitations/new`, 200],
      ["not-found", `${home}/there/is/no/such/page`, 404],
    ]) {
      await t.test(name, async () => {
        assert.equal(await ada.goes(path), status);
        await inspect(ada, name);
      });
    }

    await t.test("invitations, one of them with a mistake", async () => {
      await ada.invites("new.person@example.org, this is no address");
      await inspect(ada, "invitations-sent");
    });

    await t.test("styles, scripts and pictures come with their headers too", async () => {
      await ada.goes(`${home}/users`);
      const addresses = await page
        .locator("link[href], script[src], img[src]")
        .evaluateAll((elements) => elements.map((element) => element.href || element.src));
      assert.ok(addresses.length > 0);
      for (const address of addresses) {
        const answer = await page.request.get(address);
        assert.equal(answer.status(), 200, address);
        checkHeadersOfAnything(answer);
      }
      for (const path of ["/health", "/ready"]) {
        const answer = await page.request.get(path);
        assert.equal(answer.status(), 200, path);
        checkHeadersOfAnything(answer);
      }
    });
  }));
