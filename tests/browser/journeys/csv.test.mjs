// People come in from a file, looked at line by line first, and leave as one.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { inspect } from "../checks.mjs";
import { GOOD, TestApp } from "../app.mjs";

const FILE = `Name;E-mail;Contact;Roles
Grace Hopper;grace@example.org;Pager 7;Viewer
"Lovelace, Ada";ada@example.org;;
Nobody;not an address;;
=1+1;edith@example.org;"Line one
Line two";User
`;

for (const javaScriptEnabled of [true, false]) {
  test(`a file in and a file out ${javaScriptEnabled ? "with" : "without"} a script`, () =>
    TestApp.empty(async (app) => {
      const ada = await app.person({ javaScriptEnabled });
      await ada.movesIn({ organization: "Analytical Engines", name: "Ada Lovelace", email: "ada@example.org", password: GOOD });
      const { home, page } = ada;
      const look = javaScriptEnabled ? inspect : async () => {};

      await ada.goes(`${home}/imports/new`);
      await look(ada, "import");
      await ada.presses("Look at the lines");
      await ada.sees("Nothing was done");
      await look(ada, "import-refused");
      await page.getByRole("radio", { name: /creation/i }).check();
      await page.getByLabel("File", { exact: true }).setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(FILE) });
      await ada.presses("Look at the lines");
      await ada.lands(/\/imports\/[0-9a-f-]{36}$/);
      await ada.sees("2 people");
      await ada.sees("not an address");
      await look(ada, "import-preview");
      await ada.presses(/^import 2 people/i);
      await ada.sees("2 people created");
      await look(ada, "import-done");

      const result = page.waitForEvent("download");
      await page.getByRole("link", { name: /download/i }).click();
      const told = await readFile(await (await result).path(), "utf8");
      assert.match(told, /grace@example\.org/);
      assert.match(told, /not an address/);

      await ada.goes(`${home}/users?q=example.org&sort=name`);
      await ada.sees("Grace Hopper");
      const download = page.waitForEvent("download");
      await page.getByRole("link", { name: "Export CSV" }).click();
      const exported = await readFile(await (await download).path(), "utf8");
      const lines = exported.trim().split(/\r?\n/);
      assert.match(lines[0], /email/i);
      assert.match(exported, /Grace Hopper/);
      assert.match(exported, /'=1\+1/, "no formula runs in a spreadsheet");
      assert.doesNotMatch(exported, /(^|,)=1/m);

      // Columns that nobody knows are said by hand.
      const brings = async (way, lines) => {
        await ada.goes(`${home}/imports/new`);
        await page.getByRole("radio", { name: way }).check();
        await page.getByLabel("Or paste the lines").fill(lines);
        await ada.presses("Look at the lines");
      };
      await brings(/creation/i, "Kto;Komu;Szef\nMałgosia Łoś;m@example.org;s@example.org\n");
      await ada.sees("Which column is which?");
      await look(ada, "import-columns");
      await page.getByRole("combobox", { name: "Kto" }).selectOption("Display name");
      await page.getByRole("combobox", { name: "Komu" }).selectOption("Email");
      await ada.presses("Apply");
      await ada.sees("Create 1 person?");
      await ada.sees("1 ignored: Szef");
      await ada.presses("Discard");
      await ada.sees("The file is forgotten");

      // People who are here are changed by a file.
      await brings(/update/i, "email;title;location\ngrace@example.org;Rear admiral;Arlington\nedith@example.org;;\n");
      await ada.sees("Change 1 person?");
      await page.locator("#columns summary").click();
      await look(ada, "import-update");
      await ada.presses(/^change 1 person/i);
      await ada.sees("1 person changed");
    }));
}
