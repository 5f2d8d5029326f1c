// A team: made, filled by several searches, given an administrator, who then looks after it; with a script and without.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "../checks.mjs";
import { TestApp } from "../app.mjs";

for (const javaScriptEnabled of [true, false]) {
  test(`a team is made and filled ${javaScriptEnabled ? "with" : "without"} a script`, () =>
    TestApp.full(async (app) => {
      const ada = await app.signedIn({ javaScriptEnabled });
      const { home } = ada;
      // The inspector is a script itself.
      const look = javaScriptEnabled ? inspect : async () => {};
      await ada.goes(`${home}/teams`);
      await look(ada, "teams");
      await ada.goes(`${home}/teams/new`);
      await look(ada, "team-new");
      await ada.fills([/^name/i, "Night Watch"], [/description/i, "Looks after everything while the others sleep"]);
      await ada.presses("Create Team");
      await ada.sees("Nobody is in this team yet");
      await look(ada, "team-empty");
      await ada.page.getByRole("link", { name: "Add people" }).first().click();
      await ada.lands(/\/members\/new/);
      // What is ticked stays ticked while the next one is searched for.
      const boxes = ada.page.locator(".picks input");
      const names = [];
      for (const [at, search] of [[0, "an"], [1, "ma"]]) {
        await ada.page.getByRole("searchbox").fill(search);
        if (javaScriptEnabled) await ada.page.waitForURL((url) => url.searchParams.get("q") === search);
        else await ada.presses("Search");
        await boxes.nth(at * 2).check();
        names.push(await ada.page.locator(".picks .choice:has(:checked) .clip[title]").last().getAttribute("title"));
        if (javaScriptEnabled) await ada.sees(`${at + 1} ticked`);
      }
      await look(ada, "team-joining");
      await ada.presses("Add to the team");
      await ada.sees("2 people are in Night Watch now");
      const menu = async (button) => {
        await ada.page.getByRole("button", { name: /^actions for/i }).first().click();
        await ada.page.getByRole("button", { name: button }).first().click();
      };
      await menu(/team administrator$/);
      await ada.sees(/administers Night Watch/);
      await look(ada, "team");
      // Anyone who administers it stays until that is over.
      await menu(/ordinary member$/);
      await ada.sees(/is an ordinary member of Night Watch/);
      await menu(/out of the team$/);
      await ada.sees(/is not in Night Watch any more/);
      await ada.presses("Undo");
      await ada.sees(/is in Night Watch now/);
      await ada.goes(`${ada.page.url()}/deletion`);
      await look(ada, "team-deletion");
      await ada.fills([/to confirm/i, "Night Watch"]);
      await ada.presses(/^delete/i);
      await ada.sees("The team Night Watch is deleted");
    }));
}

test("a tick stays with its person when the next search puts them at another place", () =>
  TestApp.full(async (app) => {
    const ada = await app.signedIn();
    await ada.goes(`${ada.home}/teams/new`);
    await ada.fills([/^name/i, "Night Watch"]);
    await ada.presses("Create Team");
    await ada.page.getByRole("link", { name: "Add people" }).first().click();
    const boxes = ada.page.locator(".picks input");
    const search = async (text) => {
      await ada.page.getByRole("searchbox").fill(text);
      await ada.page.waitForURL((url) => url.searchParams.get("q") === text);
      return boxes.evaluateAll((all) => all.map((box) => box.value));
    };
    const [later, first] = [await search("ma"), await search("an")];
    const moved = first.find((id, at) => later.includes(id) && later.indexOf(id) !== at);
    assert.ok(moved, "nobody stands at another place");
    await boxes.nth(first.indexOf(moved)).check();
    await ada.sees("1 ticked");
    await search("ma");
    const ticked = await boxes.evaluateAll((all) => all.filter((box) => box.checked).map((box) => box.value));
    assert.deepEqual(ticked, [moved]);
  }));

for (const javaScriptEnabled of [true, false]) {
  test(`ticked on the page of a team ${javaScriptEnabled ? "with" : "without"} a script`, () =>
    TestApp.full(async (app) => {
      const ada = await app.signedIn({ javaScriptEnabled });
      const look = javaScriptEnabled ? inspect : async () => {};
      await ada.goes(`${ada.home}/teams`);
      await ada.page.getByRole("link", { name: "Engineering" }).click();
      await ada.lands(/\/teams\/[0-9a-f-]{36}$/);
      const team = ada.page.url();
      const bar = ada.page.locator("#bulk");
      assert.equal(await bar.isVisible(), false, "the bar comes with the first tick");
      const people = ada.page.locator("tbody tr:has(.subtitle:not(:text-is('System account'))):not(:has(.privileged)):has(.active) .pick input:enabled");
      const names = [];
      for (const at of [0, 1]) {
        await people.nth(at).check();
        names.push((await people.nth(at).getAttribute("aria-label")).replace("Select ", ""));
      }
      if (javaScriptEnabled) await ada.sees("2 selected");
      await look(ada, "team-ticked");
      await bar.getByRole("button", { name: "Make team administrator" }).first().click();
      await ada.sees("Make 2 people team administrators?");
      for (const name of names) await ada.sees(name);
      await look(ada, "team-administrators");
      await ada.presses(/^make 2 people/i);
      await ada.sees(/2 people administer Engineering/);
      await ada.presses("Undo");
      await ada.sees(/2 people are ordinary members of Engineering/);
      for (const name of names) await ada.page.getByRole("checkbox", { name: `Select ${name}`, exact: true }).check();
      await bar.getByRole("button", { name: "Take out of the team" }).first().click();
      await ada.sees("Take 2 people out of the team Engineering?");
      await look(ada, "team-taking-out");
      await ada.presses(/^take 2 people/i);
      await ada.sees(/2 people are not in Engineering any more/);
      assert.equal(ada.page.url(), team);
      await ada.presses("Undo");
      await ada.sees(/2 people are in Engineering now/);
      if (!javaScriptEnabled) return;
      // All of the page, and what the directory does to many, whose way back leads here.
      await ada.page.getByRole("checkbox", { name: "Select everybody on this page" }).check();
      await ada.sees(/^\d+ selected$/);
      await ada.page.getByRole("checkbox", { name: "Select everybody on this page" }).uncheck();
      for (const name of names) await ada.page.getByRole("checkbox", { name: `Select ${name}`, exact: true }).check();
      await bar.getByRole("button", { name: "More" }).click();
      await bar.getByRole("button", { name: "Disable" }).click();
      await ada.lands(/\/bulk\?/);
      await ada.presses(/^disable 2 people/i);
      await ada.sees("2 people disabled");
      assert.equal(ada.page.url(), team);
      await ada.presses("Undo");
      await ada.sees("2 people enabled");
      assert.equal(ada.page.url(), team);
    }));
}
