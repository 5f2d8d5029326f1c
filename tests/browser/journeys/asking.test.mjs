// Asking for access: a request is sent and withdrawn, others are granted and refused, one by one and several at once; with a script and
// without.

import { test } from "node:test";
import { inspect } from "../checks.mjs";
import { TestApp } from "../app.mjs";

for (const javaScriptEnabled of [true, false]) {
  test(`people ask for access and others decide ${javaScriptEnabled ? "with" : "without"} a script`, () =>
    TestApp.full(async (app) => {
      const ada = await app.signedIn({ javaScriptEnabled });
      const { home } = ada;
      // The inspector is a script itself.
      const look = javaScriptEnabled ? inspect : async () => {};
      await ada.goes(`${home}/me`);
      await ada.page.getByRole("link", { name: "Requests", exact: true }).last().click();
      await ada.sees("No request yet");
      await look(ada, "requests-none");
      await ada.presses("Ask for access");
      await ada.sees("Role or team");
      await look(ada, "request-new");
      await ada.page.getByLabel("Works council").check();
      await ada.field("Last day").fill("2099-03-04");
      await ada.field("Reason").fill("For the election next month.");
      await ada.field("Ticket").fill("HR-90");
      await ada.presses("Send request");
      await ada.sees("Your request is sent");
      await ada.sees("4 Mar 2099");
      await look(ada, "requests-own");

      await ada.goes(`${home}/access/requests`);
      await ada.sees("It is my turn next week.");
      await look(ada, "requests-open");
      await ada.page.getByRole("row").filter({ hasText: "HR-90" }).getByRole("link").click();
      await ada.sees("This is your own request");
      await look(ada, "request-own");
      await ada.goes(`${home}/access/requests`);
      await ada.page.getByRole("row").filter({ hasText: "OPS-2214" }).getByRole("link").click();
      await ada.sees(/asks for/);
      await look(ada, "request-open");
      await ada.presses("Refuse");
      await ada.sees("Say why you refuse.");
      await look(ada, "request-refused-without-why");
      await ada.field(/^Note to/).fill("Until the new rota is written.");
      await ada.presses("Grant");
      await ada.sees(/is granted/);

      const rows = ada.page.locator("input[name=request]");
      await rows.first().check();
      await rows.nth(1).check();
      await ada.field(/^Note to/).fill("Ask again next month.");
      await ada.presses("Refuse selected");
      await ada.sees("2 requests refused.");
      await ada.page.getByRole("link", { name: "All", exact: true }).click();
      await ada.sees("Withdrawn");
      await look(ada, "requests-all");

      await ada.goes(`${home}/me/requests`);
      await ada.presses("Withdraw the request for Works council");
      await ada.sees("Your request is withdrawn.");
      await ada.goes(`${home}/audit`);
      await ada.sees(/withdrew their request for/);
      await look(ada, "requests-audited");
    }));
}
