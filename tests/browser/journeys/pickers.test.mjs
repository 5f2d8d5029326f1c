// More than a dozen teams: searched while one types, by keyboard, on a phone, in a dialog and in a filter; and by a button
// without a script.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, axe, inspect, noSidewaysScroll, shot } from "../checks.mjs";
import { TestApp } from "../app.mjs";

const many = { members: 1000 }; // some thirty teams

async function administrator(app, options) {
  const ada = await app.signedIn(options);
  return ada;
}

/** The picker of a field, and what is in it. */
function pickerOf(ada, what) {
  const picker = ada.page.locator("[data-picker]").filter({ has: ada.page.getByRole("searchbox", { name: `Search ${what}` }) });
  return {
    picker,
    search: picker.getByRole("searchbox"),
    // By name, without what the choice is or gives.
    shown: async () => (await picker.locator(".choice").filter({ visible: true }).allInnerTexts()).map((text) => text.split("\n")[0]),
    chips: () => picker.locator(".picked-chip").allInnerTexts(),
    told: picker.locator(".picked"),
  };
}

const focused = (ada) => ada.page.evaluate(() => document.activeElement.closest(".choice")?.innerText.split("\n")[0] ?? document.activeElement.type);

test("teams are narrowed while one types, chosen by keyboard and taken out again", () =>
  TestApp.full(async (app) => {
    const ada = await administrator(app);
    const { keyboard } = ada.page;
    await ada.goes(`${ada.home}/invitations/new`);
    const { picker, search, shown, chips, told } = pickerOf(ada, "teams");
    const all = (await shown()).length;
    assert.ok(all > 12, `${all} teams`);
    assert.equal(await told.innerText(), `0 of ${all} chosen`);
    await inspect(ada, "picker-invite");
    // Accents and case do not matter, nor does the order of words.
    await search.fill("ENGINÉERING");
    assert.deepEqual(await shown(), ["Engineering"]);
    await search.fill("compli LEGAL");
    assert.deepEqual(await shown(), ["Legal and Compliance"]);
    // Down from the search, Space ticks, Escape clears the search.
    await search.focus();
    await keyboard.press("ArrowDown");
    assert.equal(await focused(ada), "Legal and Compliance");
    await keyboard.press("Space");
    assert.equal(await told.innerText(), `1 of ${all} chosen`);
    assert.deepEqual(await chips(), ["Legal and Compliance"]);
    await keyboard.press("Escape");
    assert.equal(await search.inputValue(), "");
    assert.equal(await focused(ada), "search");
    assert.equal((await shown()).length, all);
    const [first, second] = await shown();
    await keyboard.press("ArrowDown");
    assert.equal(await focused(ada), first);
    await keyboard.press("ArrowDown");
    assert.equal(await focused(ada), second);
    await keyboard.press("End");
    assert.equal(await focused(ada), (await shown()).at(-1));
    await keyboard.press("Home");
    await keyboard.press("ArrowUp");
    assert.equal(await focused(ada), "search");
    // Tab goes through as well, past the one that is chosen.
    await keyboard.press("Tab");
    await keyboard.press("Tab");
    assert.equal(await focused(ada), first);
    await keyboard.press("Space");
    assert.deepEqual((await chips()).toSorted(), [first, "Legal and Compliance"].toSorted());
    // What is chosen stays in sight while something else is searched for; nothing there is told.
    await search.fill("nothing like it");
    assert.deepEqual(await shown(), []);
    await ada.sees("None of the teams matches.");
    assert.equal((await chips()).length, 2);
    await inspect(ada, "picker-none");
    await picker.getByRole("button", { name: "Take out Legal and Compliance" }).click();
    assert.deepEqual(await chips(), [first]);
    assert.equal(await told.innerText(), `1 of ${all} chosen`);
    assert.equal(await ada.page.evaluate(() => document.activeElement.textContent), first);
    // Enter in the search sends nothing. The search is no part of what is sent.
    await search.fill("sales");
    await search.press("Enter");
    assert.equal(await focused(ada), "Sales");
    await keyboard.press("Space");
    await ada.fills([/addresses/i, "kay@example.org"]);
    await ada.presses("Send invitations");
    await ada.lands(/\/invitations\/sent/);
    await ada.goes(`${ada.home}/users?tab=invited&q=kay%40example.org`);
    await ada.rows.getByRole("link").first().click();
    await ada.presses("Access");
    await ada.lands(/\/roles$/);
    // The chosen ones stand first.
    const teams = pickerOf(ada, "teams");
    assert.deepEqual((await teams.shown()).slice(0, 2).toSorted(), [first, "Sales"].toSorted());
    assert.match(await teams.told.innerText(), /^2 of \d+ chosen$/);
    await inspect(ada, "picker-access");
  }, many));

test("in a dialog, Escape clears the search before it closes anything; on a phone all of it fits", () =>
  TestApp.full(async (app) => {
    const ada = await administrator(app);
    await ada.page.setViewportSize(PHONE);
    await ada.goes(`${ada.home}/users`);
    await ada.page.getByRole("link", { name: "Invite Users" }).click();
    const dialog = ada.page.getByRole("dialog");
    await dialog.waitFor();
    const { picker, search, shown, chips } = pickerOf(ada, "teams");
    await search.fill("sales");
    assert.deepEqual(await shown(), ["Sales"]);
    await picker.getByRole("checkbox", { name: "Sales" }).check();
    await search.press("Escape");
    assert.equal(await dialog.count(), 1, "the dialog is still there");
    assert.equal(await search.inputValue(), "");
    assert.deepEqual(await chips(), ["Sales"]);
    const { width } = await picker.boundingBox();
    assert.ok(width <= PHONE.width, `${width} px`);
    const { height } = await picker.locator(".choices").boundingBox();
    assert.ok(height < 300, `the choices scroll within ${height} px`);
    await noSidewaysScroll(ada.page);
    await axe(ada.page, "picker-dialog-phone");
    await shot(ada.page, "picker-dialog-phone");
    // What was refused comes back with what was chosen.
    await dialog.getByRole("textbox", { name: /addresses/i }).fill("kay@example.org");
    await dialog.locator("#roles input:checked").uncheck();
    await dialog.getByRole("button", { name: "Send invitations" }).click();
    await ada.sees("Nothing was sent yet");
    await search.waitFor();
    assert.deepEqual(await chips(), ["Sales"]);
    await search.press("Escape");
    await dialog.waitFor({ state: "detached" });
  }, many));

test("a filter of the directory has all teams at hand, and keeps what is ticked", () =>
  TestApp.full(async (app) => {
    const ada = await administrator(app);
    await ada.goes(`${ada.home}/users`);
    await ada.page.getByRole("button", { name: "Team", exact: true }).click();
    const { search, shown, told } = pickerOf(ada, "teams");
    await search.waitFor();
    const all = (await shown()).length;
    assert.ok(all > 12, `${all} teams`);
    await search.fill("legal");
    await ada.page.getByRole("checkbox", { name: "Legal and Compliance" }).check();
    await ada.page.waitForURL((url) => url.searchParams.has("team"));
    // The list came anew beneath; the picker stayed, with the focus and the search in it.
    assert.deepEqual(await shown(), ["Legal and Compliance"]);
    assert.equal(await told.innerText(), `1 of ${all} chosen`);
    assert.equal(ada.query.has("find_team"), false);
    await axe(ada.page, "picker-filter");
    await shot(ada.page, "picker-filter");
    await search.press("Escape");
    assert.equal((await shown()).length, all);
    await ada.page.keyboard.press("Escape");
    await search.waitFor({ state: "hidden" });
    await ada.goes(`${ada.home}/users/filters/team?team=${ada.query.get("team")}`);
    await inspect(ada, "picker-filter-page");
  }, many));

test("one team of many for everybody who is ticked", () =>
  TestApp.full(async (app) => {
    const ada = await administrator(app);
    await ada.goes(`${ada.home}/users?tab=active&sort=last_sign_in`);
    await ada.page.locator("tbody .pick input:enabled").first().check();
    await ada.presses("Add to team");
    await ada.lands(/\/bulk\?/);
    const { search, shown } = pickerOf(ada, "teams");
    await search.fill("compl");
    assert.deepEqual(await shown(), ["Legal and Compliance"]);
    await search.press("ArrowDown");
    await ada.page.keyboard.press("Space");
    await ada.sees(/^1 of \d+ chosen$/);
    await inspect(ada, "picker-bulk");
    await ada.presses(/^add 1 person to a team/i);
    await ada.sees(/added to the team Legal and Compliance|Nothing was different/);
  }, many));

test("without a script a button searches, and sends nothing else", () =>
  TestApp.full(async (app) => {
    const ada = await administrator(app, { javaScriptEnabled: false });
    await ada.goes(`${ada.home}/invitations/new`);
    await ada.fills([/addresses/i, "kay@example.org"]);
    await ada.page.getByRole("checkbox", { name: "Sales" }).check();
    await ada.page.getByRole("searchbox", { name: "Search teams" }).fill("lEGAL");
    await ada.page.getByRole("button", { name: "Search teams" }).click();
    await ada.sees(/^1 of \d+ chosen$/);
    const teams = ada.page.locator("[data-picker]:has([name=find_team]) .choice");
    assert.deepEqual(await teams.allInnerTexts(), ["Sales", "Legal and Compliance"]);
    assert.equal(await ada.field(/addresses/i).inputValue(), "kay@example.org");
    await ada.page.getByRole("checkbox", { name: "Legal and Compliance" }).check();
    await ada.presses("Send invitations");
    await ada.lands(/\/invitations\/sent/);
    // The filter of the directory leads to its page.
    await ada.goes(`${ada.home}/users?q=a`);
    await ada.page.getByRole("button", { name: "Team", exact: true }).click();
    await ada.page.getByRole("button", { name: /^Search all \d+…$/ }).click();
    await ada.lands(/\/users\/filters\/team\?/);
    await ada.page.getByRole("searchbox").fill("legal");
    await ada.page.getByRole("button", { name: "Search teams" }).click();
    await ada.page.getByRole("checkbox", { name: "Legal and Compliance" }).check();
    await ada.presses("Show the list");
    await ada.lands(/\/users\?q=a&team=/);
    await ada.sees("Legal and Compliance");
  }, many));

test("people, who are too many for one page, by keyboard", () =>
  TestApp.full(async (app) => {
    const ada = await administrator(app);
    await ada.goes(`${ada.home}/teams/new`);
    await ada.fills([/^name/i, "Night Watch"]);
    await ada.presses("Create Team");
    await ada.page.getByRole("link", { name: "Add people" }).first().click();
    const search = ada.page.getByRole("searchbox");
    await search.fill("ma");
    await ada.page.waitForURL((url) => url.searchParams.get("q") === "ma");
    const name = await ada.page.locator(".picks .choice .clip[title]").first().getAttribute("title");
    await search.press("ArrowDown");
    await ada.page.keyboard.press("Space");
    await ada.sees("1 ticked");
    await ada.page.keyboard.press("Escape");
    await ada.page.waitForURL((url) => !url.searchParams.has("q"));
    assert.equal(await search.inputValue(), "");
    // The search goes on without them, and they stand first.
    await search.fill("zz");
    await ada.page.waitForURL((url) => url.searchParams.get("q") === "zz");
    await ada.sees("Chosen: 1");
    assert.equal(await ada.page.locator(".picks .choice .clip[title]").first().getAttribute("title"), name);
    await ada.presses("Add to the team");
    await ada.sees(`${name} is in Night Watch now`);
  }));

test("the menus of mappings offer what matches, and keep what they have", () =>
  TestApp.full(async (app) => {
    const ada = await administrator(app);
    await ada.goes(`${ada.home}/settings/connections/new/google`);
    await ada.fills([/^name/i, "Workspace"], [/client id/i, "roster.apps.googleusercontent.com"], [/client secret/i, "a-secret-of-the-client"]);
    await ada.presses("Save draft");
    await ada.sees("The connection Workspace is created");
    await ada.goes(`${ada.page.url()}/mappings`);
    const [first, second] = [1, 2].map((line) => ada.page.getByLabel(`Gives, line ${line}`));
    const all = await second.locator("option").count();
    await first.selectOption({ label: "Sales" });
    await ada.page.getByRole("searchbox", { name: "Search roles and teams" }).fill("LÉGAL");
    assert.deepEqual(await second.locator("option").allInnerTexts(), ["Choose…", "Legal and Compliance"]);
    assert.deepEqual((await first.locator("option").allInnerTexts()).toSorted(), ["Choose…", "Legal and Compliance", "Sales"]);
    await second.selectOption({ label: "Legal and Compliance" });
    await inspect(ada, "picker-mappings");
    await ada.page.getByRole("searchbox").press("Escape");
    assert.equal(await second.locator("option").count(), all);
    const chosen = (menu) => menu.evaluate((element) => element.selectedOptions[0].textContent);
    assert.deepEqual([await chosen(first), await chosen(second)], ["Sales", "Legal and Compliance"]);
  }, many));
