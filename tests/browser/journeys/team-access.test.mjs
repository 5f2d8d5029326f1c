// What a team gives to its members: attached after a look at what it would change, seen where people are looked up, detached
// again; with a script and without.

import { test } from "node:test";
import { inspect } from "../checks.mjs";
import { TestApp } from "../app.mjs";

for (const javaScriptEnabled of [true, false]) {
  test(`a team gives a role and a policy ${javaScriptEnabled ? "with" : "without"} a script`, () =>
    TestApp.full(async (app) => {
      const ada = await app.signedIn({ javaScriptEnabled });
      const { home } = ada;
      // The inspector is a script itself.
      const look = javaScriptEnabled ? inspect : async () => {};
      await ada.goes(`${home}/teams`);
      await ada.page.getByRole("link", { name: "Product", exact: true }).click();
      await ada.lands(/\/teams\//);
      const team = new URL(ada.page.url()).pathname;
      await ada.page.getByRole("link", { name: "Access", exact: true }).click();
      await ada.sees("Nothing: being in this team allows nothing more");
      await look(ada, "team-access-empty");
      const attach = async (name, last) => {
        await ada.page.getByLabel("Role or policy").selectOption({ label: name });
        if (last) await ada.page.getByLabel(/^last day/i).fill(last);
        await ada.page.getByLabel(/team administrators may add people/i).check();
        await ada.presses("Attach…");
        await ada.sees("What this would change");
        await ada.sees(/would get the /);
      };
      await attach("Billing", "2099-03-04");
      await look(ada, "team-access-preview");
      await ada.presses("Confirm and attach");
      await ada.sees("The team gives the role Billing to its members");
      await attach("Staging");
      await ada.presses("Confirm and attach");
      await ada.sees("The team gives the policy Staging to its members");
      await look(ada, "team-access");
      await ada.goes(team);
      await ada.sees(/Whoever is in it has Billing until 4 Mar 2099 and Staging too/);
      await look(ada, "team-with-access");
      await ada.goes(`${team}/members/new`);
      await ada.sees(/Whoever is added also gets Billing/);
      await ada.goes(`${home}/roles`);
      await ada.page.getByRole("link", { name: "Billing", exact: true }).click();
      await ada.sees("team Product");
      await look(ada, "role-given-by-teams");
      const person = await ada.page.getByRole("link", { name: "All people who have it" }).getAttribute("href");
      await ada.goes(person);
      await ada.page.locator("td.c-name a").first().click();
      await ada.page.getByRole("link", { name: "Access", exact: true }).click();
      await ada.sees("What they may do, and why");
      await look(ada, "member-access-through-team");
      await ada.goes(`${team}/access`);
      await ada.page.getByRole("button", { name: "Actions for Billing" }).click();
      await ada.page.getByRole("link", { name: "Detach…" }).first().click();
      await ada.sees(/(has|have) it no more|Nobody loses anything/);
      await look(ada, "team-detachment");
      await ada.presses("Detach");
      await ada.sees(/It is detached/);
    }));
}
