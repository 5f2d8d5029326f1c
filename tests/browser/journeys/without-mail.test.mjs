// An administrator without a mail server invites, hands the links over, and is never told that a letter is on its way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "../checks.mjs";
import { GOOD, TestApp, OTHER_GOOD } from "../app.mjs";

test("without a mail server", (t) =>
  TestApp.empty(
    async (app) => {
      const ada = await app.person();
      await ada.movesIn({ organization: "Analytical Engines", name: "Ada", email: "ada@example.org", password: GOOD });
      let links = [];

      await t.test("the result of a batch has every link to copy", async () => {
        await ada.goes(`${ada.home}/invitations/new`);
        await ada.fills([/address/i, "grace@example.org, kay@example.org"]);
        await ada.presses("Send invitations");
        await ada.sees("2 invited");
        await ada.seesNot(/on its way/);
        await ada.presses("Copy all");
        await ada.sees("Copied");
        links = (await ada.page.locator("#links").inputValue()).trim().split("\n").map((line) => line.split(" "));
        assert.deepEqual(links.map(([address]) => address), ["grace@example.org", "kay@example.org"]);
        await inspect(ada, "invitations-with-links");
      });

      await t.test("a link that was handed over lets its person in", async () => {
        const grace = await app.person();
        await grace.goes(links[0][1].replace(app.url, ""));
        await grace.fills([/display name/i, "Grace"], [/^password/i, OTHER_GOOD]);
        await grace.presses("Join");
        await grace.lands(/^\/o\//);
      });

      await t.test("a new link says before that the old one dies", async () => {
        await ada.goes(`${ada.home}/users?tab=invited`);
        await ada.choosesInRow("kay@example.org", /^new link/i);
        await ada.sees(/does not work any more/);
        await ada.page.getByRole("dialog").getByRole("button", { name: "Make a new link" }).click();
        await ada.sees(/shown only this once/i);
        await inspect(ada, "invitation-link");
      });

      await t.test("the settings say how mail goes, and a test letter what becomes of it", async () => {
        await ada.goes(`${ada.home}/settings/mail`);
        await ada.sees(/letters become files/);
        await ada.presses("Send a test letter");
        await ada.sees("Written to a file");
        await inspect(ada, "settings-mail-files");
      });
    },
    { mailProtection: "files" },
  ));
