// What holds on every page, whatever it is for: it can be used by everybody, is valid HTML, fits a phone, and comes
// with the headers that keep strangers' code out.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import { HtmlValidate } from "html-validate";

const shots = join(dirname(fileURLToPath(import.meta.url)), "shots");

export const DESK = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

/** Both sizes and both schemes, each once: a layout depends on the size, and a contrast on the scheme. */
const LOOKS = [
  ["desk", "dark"],
  ["phone", "light"],
];
/** All four, for pictures. */
const PICTURES = [...LOOKS, ["desk", "light"], ["phone", "dark"]];

/**
 * All of it, in light and dark, on a desk and on a phone. For people with JavaScript only: where scripts are off the
 * browser answers no question about the page either.
 */
export async function inspect(person, name) {
  const { page, document } = person;
  checkHeaders(document);
  await validate(await document.text(), name);
  for (const [device, colorScheme] of process.env.SHOTS ? PICTURES : LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(device === "desk" ? DESK : PHONE);
    const look = `${name}-${device}-${colorScheme}`;
    await noSidewaysScroll(page, look);
    await wholeIsWhole(page, look);
    await axe(page, look);
    await shot(page, look);
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(DESK);
}

/** Fails on what axe finds serious or critical by WCAG 2.2 AA and by good practice. */
export async function axe(page, name = page.url()) {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .options({ resultTypes: ["violations"] })
    // One page without frames: no second page is needed to put the results together.
    .setLegacyMode()
    .analyze();
  const findings = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.slice(0, 5).map(({ target, failureSummary }) => `${id}: ${target}: ${failureSummary.replace(/\s+/g, " ")}`),
    );
  if (findings.length > 0) assert.fail(`${name}:\n${findings.join("\n")}`);
}

const validator = new HtmlValidate({
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // How the markup is typed is the template's matter: loops and conditions leave blanks behind.
    "attribute-boolean-style": "off",
    "attribute-empty-style": "off",
    "doctype-style": "off",
    "no-trailing-whitespace": "off",
    "void-style": "off",
    // Titles name people, whose names have any length; what the names are is not for us to judge.
    "long-title": "off",
    // Everything comes from our own origin, kept so by the content security policy.
    "require-sri": "off",
    // Ids carry UUIDs and may begin with a digit.
    "valid-id": ["error", { relaxed: true }],
    // Names that repeat are how several people or roles are sent at once.
    "form-dup-name": "off",
    // Safari forgets that a list without bullets is one, unless the role says so.
    "no-redundant-role": "off",
    "no-redundant-for": "off",
    "no-raw-characters": ["error", { relaxed: true }],
    // The policy would refuse it.
    "no-inline-style": "error",
  },
});

/** Fails on HTML that is not valid, as it came from the server. */
export async function validate(html, name) {
  const { results } = await validator.validateString(html, name);
  const findings = results.flatMap(({ messages }) =>
    messages
      .filter(({ severity }) => severity === 2)
      .map(({ line, column, ruleId, message }) => `${line}:${column} ${ruleId}: ${message}\n    ${html.split("\n")[line - 1]?.trim().slice(0, 160)}`),
  );
  if (findings.length > 0) assert.fail(`${name}:\n${findings.join("\n")}`);
}

/** Fails where the page is wider than its window, and names what sticks out. */
export async function noSidewaysScroll(page, name = page.url()) {
  const culprits = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.body.querySelectorAll("*")].filter((element) => element.getBoundingClientRect().right > clientWidth + 1);
    return [`${scrollWidth} px in ${clientWidth} px`, ...wide.slice(0, 8).map((element) => element.outerHTML.slice(0, 120))];
  });
  if (culprits.length > 0) assert.fail(`${name} scrolls sideways:\n${culprits.join("\n")}`);
}

/** Fails where something that people compare character by character, such as a fingerprint, is cut. */
async function wholeIsWhole(page, name) {
  const cut = await page.evaluate(() => {
    const isCut = (element) =>
      getComputedStyle(element).overflow === "hidden" &&
      (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1);
    return [...document.querySelectorAll(".whole")].filter(isCut).map((element) => element.outerHTML.slice(0, 160));
  });
  assert.deepEqual(cut, [], `${name} cuts what has to be whole`);
}

/** The headers of a page. */
export function checkHeaders(response) {
  const headers = response.headers();
  const of = response.url();
  const policy = new Map(
    (headers["content-security-policy"] ?? "").split(";").map((directive) => {
      const [name, ...sources] = directive.trim().split(/\s+/);
      return [name, sources];
    }),
  );
  const sources = [...policy.values()].flat();
  const effective = (name) => policy.get(name) ?? policy.get("default-src") ?? ["*"];
  for (const unsafe of ["'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "*", "http:", "https:"]) {
    assert.ok(!sources.includes(unsafe), `${of}: its content security policy allows ${unsafe}`);
  }
  assert.ok(policy.has("default-src"), `${of}: its content security policy has no default-src`);
  assert.ok(!effective("script-src").includes("data:"), `${of}: scripts may come from data: addresses`);
  assert.deepEqual(effective("object-src"), ["'none'"], `${of}: object-src`);
  assert.deepEqual(policy.get("base-uri"), ["'none'"], `${of}: base-uri`);
  assert.deepEqual(policy.get("frame-ancestors"), ["'none'"], `${of}: frame-ancestors`);
  assert.ok(policy.has("form-action"), `${of}: form-action`);
  assert.equal(headers["cross-origin-opener-policy"], "same-origin", `${of}: cross-origin-opener-policy`);
  assert.match(headers["referrer-policy"] ?? "", /^(no-referrer|same-origin|strict-origin)$/, `${of}: referrer-policy`);
  assert.match(headers["cache-control"] ?? "", /\bno-store\b/, `${of}: cache-control`);
  assert.match(headers["content-type"] ?? "", /^text\/html; ?charset=utf-8$/i, `${of}: content-type`);
  checkHeadersOfAnything(response);
}

/** The headers of whatever the server sends. */
export function checkHeadersOfAnything(response) {
  const headers = response.headers();
  assert.equal(headers["x-content-type-options"], "nosniff", `${response.url()}: x-content-type-options`);
  assert.equal(headers["server"], undefined, `${response.url()}: it names its server`);
  assert.equal(headers["x-powered-by"], undefined, `${response.url()}: it names its maker`);
}

/** A picture of the whole page in shots/, when SHOTS=1 asks for pictures. */
export async function shot(page, name, { always = false } = {}) {
  if (!always && process.env.SHOTS !== "1") return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}
