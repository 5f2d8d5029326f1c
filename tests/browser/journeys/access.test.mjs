// Who may do what: a permission and a type are declared, a role and a policy made of them, given, and explained.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "../checks.mjs";
import { GOOD, TestApp, OTHER_GOOD } from "../app.mjs";

test("roles and policies are made, given with a preview, and explained", () =>
  TestApp.empty(async (app) => {
    const ada = await app.person();
    await ada.movesIn({ organization: "Analytical Engines", name: "Ada Lovelace", email: "ada@example.org", password: GOOD });
    await ada.invites("grace@example.org");
    const grace = await app.person();
    await grace.goes((await app.inbox.waitFor("grace@example.org")).link("/invitation/"));
    await grace.fills([/display name/i, "Grace Hopper"], [/^password/i, OTHER_GOOD]);
    await grace.presses("Join");
    await grace.lands(/^\/o\//);
    const { home, page } = ada;

    await ada.goes(`${home}/policies`);
    await inspect(ada, "policies-empty");
    await ada.goes(`${home}/settings/permissions`);
    await inspect(ada, "permissions-empty");
    await ada.fills([/^permission/i, "contract_data:read:*"], [/^explanation/i, "Read what contracts say."]);
    await ada.presses("Declare Permission");
    await ada.sees(/is declared/);
    await inspect(ada, "permissions");
    await ada.goes(`${home}/settings/resource-types`);
    await inspect(ada, "types-empty");
    await ada.fills([/^name/i, "contract"], [/^explanation/i, "A contract."], [/^actions/i, "read, sign"]);
    await ada.presses("Declare Resource Type");
    await ada.sees(/is declared/);
    await ada.goes(await page.getByRole("link", { name: "Delete…", includeHidden: true }).getAttribute("href"));
    await inspect(ada, "type-deletion");

    await ada.goes(`${home}/roles`);
    await inspect(ada, "roles");
    await ada.goes(`${home}/roles/new`);
    await inspect(ada, "role-new");
    await ada.fills([/^name/i, "Reader"]);
    await page.locator("input[value='contract_data:read:*']").check();
    await ada.presses("Create Role");
    await ada.sees(/is there/);
    await inspect(ada, "role");

    await ada.goes(`${home}/policies/new`);
    await ada.fills([/^name/i, "Signers"]);
    // The actions of the type come by themselves, and rules where they stand; the focus goes along.
    await page.getByLabel("Resource type").selectOption("contract");
    await page.getByRole("checkbox", { name: "sign" }).check();
    await page.getByRole("button", { name: "Add a rule" }).click();
    await page.locator("#rule-1-type:focus").waitFor();
    await inspect(ada, "policy-two-rules");
    await page.getByRole("button", { name: "Create Policy" }).click();
    await page.getByRole("heading", { name: "Nothing is saved yet" }).waitFor();
    assert.equal(await page.getByRole("checkbox", { name: "sign" }).isChecked(), true);
    await inspect(ada, "policy-refused");
    await page.getByRole("button", { name: "Remove rule 2" }).click();
    await page.locator("#rule-1-type").waitFor({ state: "detached" });
    assert.equal(await page.getByLabel("Name").inputValue(), "Signers");
    await page.getByLabel("Resource ids").fill("7");
    await inspect(ada, "policy-new");
    await ada.presses("Advanced editor");
    await page.getByLabel("Rules as JSON").waitFor();
    await inspect(ada, "policy-advanced");
    await ada.presses("Create Policy");
    await ada.sees(/is there/);

    await ada.goes(`${home}/users`);
    await ada.row("Grace Hopper").getByRole("link").first().click();
    await page.getByRole("link", { name: "Access", exact: true }).click();
    await page.getByRole("checkbox", { name: /^Reader/ }).check();
    await page.getByRole("checkbox", { name: /^Signers/ }).check();
    await ada.presses("Preview");
    await ada.sees(/Nothing is saved yet/);
    await inspect(ada, "access-preview");
    await ada.presses(/^Save access/);
    await ada.sees(/Access is changed/);
    await inspect(ada, "access");
    assert.match(await page.locator(".effective").innerText(), /contract: sign on 7/);

    await ada.goes(`${home}/roles`);
    await page.getByRole("button", { name: "Actions for Reader" }).click();
    await page.locator(".menu:popover-open").getByRole("link", { name: /^delete/i }).click();
    await page.getByRole("dialog").waitFor();
    await inspect(ada, "role-deletion");
    await page.getByRole("dialog").getByLabel(/^Type Reader to confirm/).fill("Reader");
    await page.getByRole("dialog").getByRole("button", { name: /^delete/i }).click();
    await ada.sees(/is deleted/);
    await grace.goes(`${home}/me`);
    await grace.page.getByRole("link", { name: "Access", exact: true }).click();
    assert.doesNotMatch(await grace.page.locator(".effective").innerText(), /contract_data/);
  }));
