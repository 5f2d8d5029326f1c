// Every page, looked at in light and dark, on a desk and on a phone; with SHOTS=1 there are pictures of them in shots/.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkHeadersOfAnything, inspect } from "../checks.mjs";
import { GOOD, TestApp, OTHER_GOOD } from "../app.mjs";

test("the first page of a fresh installation", () =>
  TestApp.empty(async (app) => {
    const ada = await app.person();
    await ada.goes(await app.setUpLink());
    await ada.lands(/^\/setup\?link=[\w-]{16}$/);
    await inspect(ada, "setup");
  }));

test("names of any length fit", (t) =>
  TestApp.empty(async (app) => {
    const long = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh of the Navy Reserve";
    const email = "somebody-with-a-very-long-address-that-hardly-ends@mail.of-a-company.example";
    const ada = await app.person();
    await ada.movesIn({ organization: `The ${long} Company`, name: "Ada Lovelace", email: "ada@example.org", password: GOOD });
    await ada.invites(`grace@example.org, ${email}`);
    await inspect(ada, "long-invitations-sent");
    const grace = await app.person();
    await grace.goes((await app.inbox.waitFor("grace@example.org")).link("/invitation/"));
    await inspect(grace, "long-invitation");
    await grace.fills([/display name/i, long], [/^password/i, OTHER_GOOD]);
    await grace.presses("Join");
    await grace.lands(/^\/o\//);

    await ada.goes(`${ada.home}/users`);
    await inspect(ada, "long-users");
    for (const [who, action] of [[long, /^disable/i], [email, /^cancel/i]]) {
      await t.test(`${action}`, async () => {
        await ada.goes(`${ada.home}/users`);
        await ada.row(who).getByRole("button", { name: /^actions/i }).click();
        const item = ada.page.locator(".menu:popover-open").getByRole("link", { name: action });
        const address = await item.getAttribute("href");
        await item.click();
        const dialog = ada.page.getByRole("dialog");
        await dialog.waitFor();
        await inspect(ada, `long-dialog-${action.source.slice(1)}`);
        await ada.page.keyboard.press("Escape");
        await dialog.waitFor({ state: "detached" });
        const focus = await ada.page.evaluate(() => document.activeElement.ariaLabel);
        assert.match(focus ?? "", /^actions/i, "the focus returns to where it came from");
        await ada.goes(address);
        await inspect(ada, `long-page-${action.source.slice(1)}`);
      });
    }
    await ada.goes(`${ada.home}/users`);
    await ada.row(long).getByRole("link").first().click();
    await inspect(ada, "long-user");
  }));

test("every page is in good order", (t) =>
  TestApp.full(async (app) => {
    const ada = await app.person();

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
      await ada.signsIn(app.administrator.email, "not-the-password-at-all");
      await ada.page.waitForLoadState();
      await inspect(ada, "sign-in-refused");
    });

    await ada.signsIn(app.administrator.email, app.administrator.password);
    await ada.lands(/^\/o\//);
    const { home, page } = ada;
    await ada.goes(`${home}/users?tab=active&sort=name`);
    const profiles = await ada.rows
      .filter({ hasNot: page.locator(".tag.privileged, .you") })
      .locator('a[href*="users/"]')
      .evaluateAll((links) => [...new Set(links.map((link) => new URL(link.href).pathname))].filter((path) => /\/users\/[^/]+$/.test(path)));
    // Somebody of this organization alone: the others get no temporary password.
    let profile;
    for (const each of profiles) {
      const answer = await page.request.get(`${each}/password/temporary`);
      if (answer.status() === 200) {
        profile = each;
        break;
      }
    }
    assert.ok(profile, "one of the first page belongs to this organization alone");

    for (const [name, path, status] of [
      ["users", `${home}/users`, 200],
      ["audit", `${home}/audit`, 200],
      ["audit-nothing", `${home}/audit?what=never.happened`, 200],
      ["users-invited", `${home}/users?tab=invited`, 200],
      ["users-disabled", `${home}/users?tab=disabled`, 200],
      ["users-nobody", `${home}/users?q=nobody-is-called-so`, 200],
      ["user", profile, 200],
      ["user-activity", `${profile}/activity`, 200],
      ["user-disablement", `${profile}/disablement`, 200],
      ["user-email", `${profile}/email`, 200],
      ["users-new", `${home}/users/new`, 200],
      ["me", `${home}/me`, 200],
      ["me-email", `${home}/me/email`, 200],
      ["user-sessions", `${profile}/sessions`, 200],
      ["user-sessions-deletion", `${profile}/sessions/deletion`, 200],
      ["user-password", `${profile}/password`, 200],
      ["user-password-temporary", `${profile}/password/temporary`, 200],
      ["user-api", `${profile}/api`, 200],
      ["me-tokens", `${home}/me/tokens`, 200],
      ["me-sessions", `${home}/me/sessions`, 200],
      ["me-activity", `${home}/me/activity`, 200],
      ["me-requests", `${home}/me/requests`, 200],
      ["access-requests", `${home}/access/requests`, 200],
      ["me-password", `${home}/me/password`, 200],
      ["settings", `${home}/settings`, 200],
      ["user-access", `${profile}/roles`, 200],
      ["roles", `${home}/roles`, 200],
      ["roles-new", `${home}/roles/new`, 200],
      ["roles-predefined", `${home}/roles/predefined`, 200],
      ["policies", `${home}/policies`, 200],
      ["policies-new", `${home}/policies/new`, 200],
      ["settings-mail", `${home}/settings/mail`, 200],
      ["settings-permissions", `${home}/settings/permissions`, 200],
      ["settings-types", `${home}/settings/resource-types`, 200],
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
