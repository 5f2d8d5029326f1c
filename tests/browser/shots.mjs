// Remakes the pictures of the README, with made-up people: node tests/browser/shots.mjs
// ROSTER_BIN names another binary than target/debug/roster, as for the journeys.

import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { TestApp } from "./app.mjs";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../../.github");
const size = { width: 1280, height: 800 };
const scrollbar = 15; // its room is kept free even where none is drawn

mkdirSync(folder, { recursive: true });
await TestApp.full(async (app) => {
  const ada = await app.person();
  const { page } = ada;
  await ada.signsIn(app.administrator.email, app.administrator.password);
  await ada.lands(/^\/o\//);
  await ada.goes(`${ada.home}/users?sort=last_sign_in&dir=desc`);
  await page.setViewportSize({ ...size, width: size.width + scrollbar });
  await page.mouse.move(0, 0);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(folder, `directory-${colorScheme}.png`), clip: { x: 0, y: 0, ...size } });
  }
});
