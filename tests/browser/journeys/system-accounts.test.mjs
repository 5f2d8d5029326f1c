// A system account, from its first day to its last: made, given a token, put among the disabled and taken back, deleted;
// several at once; with a script and without one.

import { test } from "node:test";
import { inspect } from "../checks.mjs";
import { TestApp } from "../app.mjs";

for (const javaScriptEnabled of [true, false]) {
  test(`made, looked at, disabled and deleted ${javaScriptEnabled ? "with" : "without"} a script`, () =>
    TestApp.full(async (app) => {
      const ada = await app.signedIn({ javaScriptEnabled });
      const { home } = ada;
      // The inspector is a script itself.
      const look = javaScriptEnabled ? inspect : async () => {};
      await ada.goes(`${home}/system-accounts`);
      await look(ada, "system-accounts");
      await ada.presses("Create System Account");
      await ada.page.getByLabel("Name", { exact: true }).fill("Release robot");
      await ada.field(/what it is for/i).fill("Puts releases on the shelves");
      await look(ada, "system-accounts-new");
      await ada.control(/^create system account$/i).and(ada.page.getByRole("button")).click();
      await ada.lands(/\/system-accounts\/[0-9a-f-]{36}\/tokens$/);
      await ada.sees("Release robot is there");
      await look(ada, "system-account-tokens");
      const path = new URL(ada.page.url()).pathname.replace(/\/tokens$/, "");
      for (const [name, tail] of [["details", ""], ["access", "/roles"], ["history", "/history"]]) {
        await ada.goes(`${path}${tail}`);
        await look(ada, `system-account-${name}`);
      }
      await ada.goes(`${path}/disablement`);
      await look(ada, "system-account-disablement");
      await ada.fills([/reason/i, "The release train is over"]);
      await ada.presses(/^disable/i);
      await ada.sees("Its tokens open nothing any more");
      await ada.goes(`${home}/system-accounts?q=release`);
      await ada.sees("None matches");
      await look(ada, "system-accounts-none");
      await ada.page.getByLabel("Display disabled system accounts").check();
      if (!javaScriptEnabled) await ada.presses("Search");
      await ada.lands(/disabled=1/);
      await ada.sees("Release robot");
      await look(ada, "system-accounts-disabled");
      await ada.rows.first().getByRole("checkbox").check();
      await ada.presses(/^enable$/i);
      await ada.lands(/\/bulk\?/);
      await ada.sees("Release robot");
      await look(ada, "system-accounts-bulk");
      await ada.presses(/^enable 1 system account/i);
      await ada.sees("1 system account enabled");
      await ada.goes(`${path}/deletion`);
      await look(ada, "system-account-deletion");
      await ada.page.locator("#name").fill("Release robot");
      await ada.presses(/^delete/i);
      await ada.sees("Release robot is deleted");
    }));
}
