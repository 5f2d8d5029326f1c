// Somebody is created with a password that is handed over, comes in, and looks after their own details and address.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "../checks.mjs";
import { GOOD, TestApp, OTHER_GOOD } from "../app.mjs";

test("from the form to an own profile", () =>
  TestApp.empty(async (app) => {
    const ada = await app.person();
    await ada.movesIn({ organization: "Analytical Engines", name: "Ada Lovelace", email: "ada@example.org", password: GOOD });
    const { home } = ada;

    await ada.presses("Create User");
    const dialog = ada.page.getByRole("dialog");
    await dialog.waitFor();
    assert.equal(await ada.field(/^password/i).count(), 0, "a password is typed only when that is chosen");
    await ada.page.getByRole("radio", { name: /type one/i }).check();
    await ada.fills([/first name/i, "Grace"], [/last name/i, "Hopper"], [/^email/i, "grace@example.org"], [/^password/i, "too short"]);
    assert.equal(await ada.field(/display name/i).getAttribute("placeholder"), "Grace Hopper", "what lists will show");
    await inspect(ada, "creating-dialog");
    await dialog.getByRole("button", { name: "Create User" }).click();
    await ada.sees("Nothing is saved yet");
    assert.equal(await dialog.count(), 1, "what is refused stays in its dialog");
    await ada.lands(/\/users$/);
    assert.equal(await ada.field(/^password/i).evaluate((field) => field === document.activeElement), true, "the refused field has the focus");
    await inspect(ada, "creating-refused");
    await ada.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await ada.presses("Create User");
    assert.equal(await ada.field(/^email/i).inputValue(), "grace@example.org", "nor does Esc lose it");
    await ada.page.getByRole("radio", { name: /auto-generate/i }).check();
    await ada.presses("Create User");
    await ada.sees("Grace Hopper is in the directory");
    const password = await ada.page.getByLabel(/temporary password/i).inputValue();
    await inspect(ada, "creating-done");
    // The list is behind it, and knows her.
    await ada.page.goBack();
    await ada.row("grace@example.org").getByRole("link", { name: "Grace Hopper" }).click();
    await ada.lands(/\/users\/[0-9a-f-]{36}$/);
    const profile = new URL(ada.page.url()).pathname;
    await ada.fills([/last name/i, "Murray"]);
    assert.equal(await ada.field(/display name/i).inputValue(), "Grace Murray", "it follows until it is written otherwise");
    await ada.fills([/display name/i, "Amazing Grace"], [/last name/i, "Hopper"]);
    assert.equal(await ada.field(/display name/i).inputValue(), "Amazing Grace");
    await inspect(ada, "profile-edited");

    const grace = await app.person();
    await grace.signsIn("grace@example.org", password);
    await grace.lands(/^\/password\/change/);
    // The temporary password was typed a moment ago, so it is not asked for again.
    await grace.fills([/new password/i, OTHER_GOOD]);
    await grace.presses(/^save/i);
    await grace.lands(/^\/o\//);
    await grace.page.getByRole("link", { name: "Profile" }).filter({ visible: true }).click();
    await grace.lands(/\/me$/);

    // Both edit at once.
    await ada.goes(profile);
    await grace.fills([/^title/i, "Rear Admiral"], [/^location/i, "Arlington"]);
    await grace.presses("Save changes");
    await grace.sees("Your details are saved");
    await ada.fills([/^title/i, "Captain"], [/^phone/i, "+1 555 0100"]);
    await ada.presses("Save changes");
    await ada.sees("was changed while you were editing");
    await inspect(ada, "details-clash");
    await ada.page.getByRole("radio", { name: /rear admiral/i }).check();
    await ada.presses("Save my choices");
    await ada.sees("The details are saved");
    assert.equal(await ada.field(/^title/i).inputValue(), "Rear Admiral");
    assert.equal(await ada.field(/^location/i).inputValue(), "Arlington");
    assert.equal(await ada.field(/^phone/i).inputValue(), "+1 555 0100");

    // Another address, which counts when its mail is read.
    await grace.presses(/^change/i);
    await grace.page.getByRole("dialog").waitFor();
    await grace.fills([/new email/i, "amazing@example.org"], [/current password/i, OTHER_GOOD]);
    await inspect(grace, "email-own-dialog");
    await grace.presses("Send the link");
    await grace.sees(/waiting for/i);
    await inspect(grace, "me-waiting");
    const mail = await app.inbox.waitFor("amazing@example.org");
    await app.inbox.waitFor("grace@example.org");
    await grace.goes(mail.link("/email/"));
    await grace.lands(/^\/email\?link=[\w-]{16}$/);
    await inspect(grace, "email-confirm");
    await grace.presses("Confirm the address");
    await grace.sees("Your email is amazing@example.org now");
    await grace.goes(mail.link("/email/"));
    await inspect(grace, "email-dead");
    await app.inbox.waitFor("grace@example.org");

    await ada.goes(profile);
    await ada.presses(/^change/i);
    await ada.page.getByRole("dialog").waitFor();
    await ada.fills([/new email/i, "hopper@example.org"]);
    await ada.presses("Change the email");
    await ada.sees("The email is hopper@example.org now");
    await app.inbox.waitFor("hopper@example.org");
    await ada.goes(`${home}/users?q=hopper`);
    assert.equal(await ada.row("hopper@example.org").count(), 1);
  }));
