// Roster's one script. Every page works without it; here are the comforts.
// It listens on the document, so that what arrives later (live lists, dialogs) needs no set-up of its own.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (type, handler, capture = false) => document.addEventListener(type, handler, capture);
const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

document.documentElement.classList.add("js");

// Of tabs that are wider than their window, the chosen one is in sight.
for (const tab of $$(".tabs [aria-current]")) {
  const [list, own] = [tab.parentElement.getBoundingClientRect(), tab.getBoundingClientRect()];
  tab.parentElement.scrollLeft += own.left - list.left - (list.width - own.width) / 2;
}

// ── Saying things aloud ──────────────────────────────────────────────────────────────────────────────────────────
const voice = document.body.appendChild(make("div", { className: "visually-hidden" }));
voice.setAttribute("aria-live", "polite");

/** Lets a screen reader say `words`, even the same ones twice; from inside an open modal dialog too. */
function announce(words) {
  ($("dialog:modal") ?? document.body).append(voice);
  voice.textContent = "";
  setTimeout(() => (voice.textContent = words), 60);
}

// ── Fetching pages ───────────────────────────────────────────────────────────────────────────────────────────────
/** The page behind `url`, parsed; throws when it is not a page of ours in good order (signed out, failed, moved). */
async function page(url, signal) {
  const answer = await fetch(url, { signal, headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) throw new Error(`${url} answered ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** Makes `old` like `fresh` while touching as little as possible: focus, typing and open popovers survive. */
function morph(old, fresh) {
  if (old.dataset?.kept) return; // what came from elsewhere
  // A box that stands for somebody else must not keep the tick that a person gave it.
  const isOtherBox = /^(checkbox|radio)$/.test(old.type) && old.value !== fresh.value;
  if (old.nodeName !== fresh.nodeName || old.id !== fresh.id || isOtherBox) return old.replaceWith(fresh);
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  const kept = ["open", "aria-busy", "style"]; // what script, not the server, wrote
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && !kept.includes(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const next = [...fresh.childNodes];
  [...old.childNodes].forEach((child, i) => (next[i] ? morph(child, next[i]) : child.remove()));
  old.append(...next.slice(old.childNodes.length));
}

// ── Search and filters while typing: form[data-live], [data-live-region] with an id each ─────────────────────────
const running = new WeakMap(); // form → AbortController of its latest request
const waiting = new WeakMap(); // form → timer

async function refresh(form) {
  running.get(form)?.abort();
  const control = new AbortController();
  running.set(form, control);
  const url = new URL(form.action);
  url.search = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
  try {
    const fresh = await page(url, control.signal);
    for (const region of $$("[data-live-region]")) {
      const next = fresh.getElementById(region.id);
      if (next) morph(region, next);
    }
    history.replaceState(history.state, "", url);
    prepare();
    announce($("[data-live-total]")?.textContent.trim() ?? "");
  } catch (trouble) {
    if (trouble.name !== "AbortError") location.assign(url);
  }
}

function soon(form, delay) {
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(refresh, delay, form));
}

on("input", (event) => {
  const form = event.target.form;
  if (event.target.closest(".picker-bar")) return;
  if (form?.matches("[data-live]") && !event.isComposing) soon(form, event.target.type === "search" ? 220 : 60);
});
on("compositionend", ({ target }) => target.form?.matches("[data-live]") && !target.closest(".picker-bar") && soon(target.form, 220));

/** What was typed before this script was there narrows the list as well. */
function catchUp() {
  for (const form of $$("form[data-live]")) {
    if ($$("input[type=search]", form).some((search) => search.value !== search.defaultValue)) soon(form, 0);
  }
}

// ── Submitting: live forms stay here, all others go out once ─────────────────────────────────────────────────────
on("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog") return;
  if (form.matches("[data-live]") && event.submitter?.formMethod !== "post") {
    event.preventDefault();
    $("[popover]:popover-open", form)?.hidePopover();
    return soon(form, 0);
  }
  if (form.ariaBusy === "true") return event.preventDefault();
  form.ariaBusy = "true";
  for (const input of $$(".secret input", form)) input.type = "password"; // or the browser would remember it as text
  const buttons = [...form.elements].filter((element) => element.type === "submit" && !element.disabled);
  setTimeout(() => buttons.forEach((button) => (button.disabled = true))); // after the pressed one was counted in
  const again = () => {
    form.ariaBusy = null;
    buttons.forEach((button) => (button.disabled = false));
  };
  addEventListener("pageshow", again, { once: true });
  setTimeout(again, 8000); // a download or a lost answer leaves us here
  const dialog = form.closest("dialog.dialog");
  if (!dialog || form.method !== "post" || form.enctype === "multipart/form-data" || form.matches("[data-plain]")) return;
  event.preventDefault();
  sendFrom(dialog, form, event.submitter, again);
});

// ── Forms in dialogs: what is refused stays in its dialog, what is done leads on as without scripts ──────────────
/** The server answers a redirect as 204 with its address: followed here, it would spend a notice that is shown once. */
async function sendFrom(dialog, form, button, again) {
  const to = button?.hasAttribute("formaction") ? button.formAction : form.action;
  const body = new URLSearchParams(new FormData(form, button));
  let answer, html;
  try {
    answer = await fetch(to, { method: "POST", body, headers: { Accept: "text/html", "Roster-Dialog": "1" } });
    html = await answer.text();
  } catch {
    again();
    form.dataset.plain = "";
    return form.requestSubmit(button);
  }
  const next = answer.status === 204 && answer.headers.get("location");
  if (next) {
    dialog.close();
    return location.assign(next);
  }
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const refused = answer.status === 422 && dialog.open && $("[data-dialog-body]", fresh);
  if (!refused) return showAnswer(fresh, dialog);
  refused.dataset.typed = "";
  fill(dialog, refused);
  enhance(dialog);
  prepare();
  ($("[aria-invalid=true]", dialog) ?? $("[data-errors]", dialog))?.focus();
}

/** Shows a page that answered a form, in place of the present one. The browser's Back leads to that one again. */
function showAnswer(fresh, dialog) {
  dialog.close();
  history.pushState("answer", "");
  addEventListener("popstate", ({ state }) => state !== "answer" && !location.hash && location.reload());
  document.title = fresh.title;
  document.body.className = fresh.body.className;
  document.body.replaceChildren(...fresh.body.childNodes, voice, shared, tip);
  scrollTo(0, 0);
  enhance(document);
  prepare();
  ($(".notice[data-errors]") ?? $("main [aria-invalid=true]"))?.focus();
  announce(document.title);
}

// ── Dialogs: a[data-dialog] shows the [data-dialog-body] of its page ─────────────────────────────────────────────
const unsent = new Map(); // href → what was typed in its dialog, closed by Esc

/** Whether somebody typed or chose something that closing would lose. What was refused was typed before. */
const isTouched = (root) =>
  $("[data-typed]", root) || $$("textarea, input", root).some((field) => (field.matches("[type=checkbox], [type=radio]") ? field.checked !== field.defaultChecked : field.value !== field.defaultValue));

/** Puts a body into a dialog, which is named by its title. */
function fill(dialog, body) {
  const title = $("h1, h2", body);
  if (title) dialog.setAttribute("aria-labelledby", (title.id ||= "dialog-title"));
  dialog.replaceChildren(document.adoptNode(body));
}

async function showDialog(link) {
  const back = link.closest("[popover]") ? $(`[popovertarget="${link.closest("[popover]").id}"]`) : link;
  const waiting = unsent.get(link.href);
  unsent.delete(link.href);
  const body = waiting ?? $("[data-dialog-body]", await page(link.href));
  if (!body) throw new Error("no dialog there");
  const dialog = make("dialog", { className: `dialog ${link.dataset.dialog}` });
  fill(dialog, body);
  // Esc closes, and loses nothing: what was typed is there when the dialog is opened again. Passwords are not.
  dialog.addEventListener("cancel", ({ target }) => {
    if (target !== dialog || !isTouched(dialog)) return; // a file chooser that is closed says "cancel" as well
    for (const secret of $$(".secret input, input[type=password]", dialog)) secret.value = "";
    unsent.set(link.href, $("[data-dialog-body]", dialog));
  });
  dialog.addEventListener("close", () => {
    document.body.append(voice);
    dialog.remove();
    back?.focus();
    if (unsent.has(link.href)) announce("Closed. What you typed is there when you open it again");
  });
  document.body.append(dialog);
  dialog.showModal();
  if (waiting) return announce("What you typed before is here");
  enhance(dialog);
  prepare();
}

on("click", (event) => {
  const link = event.target.closest?.("a[data-dialog]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    return void showDialog(link).catch(() => location.assign(link.href));
  }
  const dialog = event.target.closest?.("dialog.dialog");
  const outside = (box) => event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
  if (dialog && event.target.closest("[data-close]")) {
    event.preventDefault();
    dialog.close();
  } else if (dialog && event.target === dialog && event.detail && outside(dialog.getBoundingClientRect())) {
    // Never lose what was typed to a stray click.
    if (!isTouched(dialog)) dialog.close();
  }
});

// ── Copy buttons, and a Show button in every .secret ─────────────────────────────────────────────────────────────
function offerCopies() {
  for (const button of $$("button[data-copy]")) button.hidden = false;
}

function enhance(root) {
  offerCopies();
  for (const secret of $$(".secret", root)) {
    const button = make("button", { type: "button", className: "reveal", textContent: "Show" });
    button.ariaLabel = "Show the password";
    secret.append(button);
  }
}

async function copy(button) {
  const source = $(button.dataset.copy);
  const label = (button.dataset.label ??= button.textContent);
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
    announce((button.textContent = "Copied"));
    setTimeout(() => (button.textContent = label), 2000);
  } catch {
    getSelection().selectAllChildren(source);
    source.select?.();
    announce("Could not copy. The text is selected");
  }
}

function reveal(button) {
  const input = $("input", button.parentElement);
  const shown = input.type === "password";
  input.type = shown ? "text" : "password";
  button.textContent = shown ? "Hide" : "Show";
  button.ariaLabel = `${button.textContent} the password`;
}

on("click", ({ target }) => {
  const button = target.closest?.("button[data-copy], .reveal");
  if (button) (button.matches(".reveal") ? reveal : copy)(button);
});

// ── Times: "3 hours ago", exact in the title, kept fresh ─────────────────────────────────────────────────────────
const language = document.documentElement.lang || undefined;
const ago = new Intl.RelativeTimeFormat(language);
const exact = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "long" });
const utc = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });
// From how many seconds on a unit is used, its size, and how it is rounded: as the server does it, so that nothing flips.
const units = [
  ["year", 31_536_000, 31_536_000, Math.trunc],
  ["month", 2_592_000, 2_592_000, Math.trunc],
  ["day", 129_600, 86_400, Math.round],
  ["hour", 5_400, 3_600, Math.round],
  ["minute", 45, 60, Math.round],
];

function relative(date) {
  const seconds = (date - Date.now()) / 1000;
  // What is to come is planned in days for up to a hundred of them.
  const begins = (unit, from) => (unit === "month" && seconds > 0 ? 8_640_000 : from);
  const [unit, , size, rounded] = units.find(([unit, from]) => Math.abs(seconds) >= begins(unit, from)) ?? [];
  return unit ? ago.format(Math.sign(seconds) * rounded(Math.abs(seconds) / size), unit) : "just now";
}

function tellTimes() {
  for (const time of $$("time")) {
    const date = new Date(time.dateTime);
    if (isNaN(date)) continue;
    const words = relative(date);
    if (time.textContent !== words) time.textContent = words;
    time.title = `${exact.format(date)} (${utc.format(date)} UTC)`;
  }
}

// ── Text that is cut off: the whole of it in the title ───────────────────────────────────────────────────────────
on("pointerover", ({ target }) => {
  const text = target.closest?.(".list :is(.clip, .clip-2, .tag)");
  if (!text || text.title) return;
  if (text.scrollWidth > text.clientWidth || text.scrollHeight > text.clientHeight) text.title = text.textContent;
});

// ── Menus: arrow keys, closing on choice, and a place for browsers without anchors ───────────────────────────────
// a[data-menu] leads to a page with a menu, which is shown where the link is. All of them share one popover.
const shared = document.body.appendChild(make("div", { className: "menu end", id: "row-menu", popover: "auto" }));
const menus = new Map(); // address → the items, asked for when somebody is about to open them
let opener; // the a[data-menu] whose menu is open
let dismissed; // the one whose menu this very click closes, as it closes any menu

async function itemsOf(link) {
  const items = (await page(link.href)).getElementById("menu-items");
  if (!items) throw new Error(`${link.href} has no menu`);
  return items;
}

function ask(link) {
  if (!menus.has(link.href)) {
    const items = itemsOf(link);
    menus.set(link.href, items);
    // What may be done to somebody changes: it is asked anew a moment later.
    setTimeout(() => menus.delete(link.href), 5000);
    items.catch(() => {});
  }
  return menus.get(link.href);
}

async function openMenu(link, byKey) {
  const waits = setTimeout(() => shared.replaceChildren(make("p", { className: "hint", textContent: "Loading…" })), 150);
  opener = link;
  shared.replaceChildren();
  link.style.anchorName = shared.style.positionAnchor = "--row-menu";
  shared.showPopover({ source: link });
  try {
    const items = await ask(link);
    if (opener !== link) return;
    shared.replaceChildren(...items.cloneNode(true).childNodes);
    if (byKey) $("a, button", shared)?.focus();
  } catch {
    location.assign(link.href); // signed out, or gone
  } finally {
    clearTimeout(waits);
  }
}

for (const type of ["pointerover", "focusin", "touchstart"]) {
  document.addEventListener(type, ({ target }) => {
    const link = target.closest?.("a[data-menu]");
    if (link) ask(link);
  }, { passive: true });
}

on("pointerdown", ({ target }) => (dismissed = opener && target.closest?.("a[data-menu]") === opener ? opener : undefined), true);

shared.addEventListener("toggle", ({ newState }) => {
  if (!opener) return;
  opener.ariaExpanded = String(newState === "open");
  if (newState === "open") return;
  opener.style.anchorName = "";
  opener = undefined;
});

/** The button that opens a menu, or has. */
const buttonOf = (menu) => (menu === shared ? opener : $(`[popovertarget="${menu.id}"]`));

on("keydown", (event) => {
  const { key, target } = event;
  const button = target.closest?.("button[popovertarget], a[data-menu]");
  if (key === " " && button?.matches("a")) {
    event.preventDefault();
    button.click();
    return;
  }
  const menu = target.closest?.(".menu, .sheet") ?? (button?.matches("a") ? shared : button?.popoverTargetElement);
  if (target.type === "search" && ["Home", "End"].includes(key)) return;
  if (!menu?.matches(":popover-open") || !["ArrowDown", "ArrowUp", "Home", "End"].includes(key)) return;
  const items = $$("a, button, input", menu).filter((item) => item.checkVisibility() && !item.disabled);
  const at = items.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[key];
  event.preventDefault();
  items.at(next % items.length)?.focus();
});

on("click", (event) => {
  const link = event.target.closest?.("a[data-menu]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    if (dismissed === link || opener === link) shared.hidePopover();
    else openMenu(link, event.detail === 0);
    dismissed = undefined;
  }
  const item = event.target.closest?.(".menu .item:not([aria-disabled=true])");
  if (item && !item.hasAttribute("popovertarget")) item.closest(".menu").hidePopover();
});

if (!CSS.supports("position-area: block-end")) {
  on("toggle", ({ target: menu, newState }) => {
    const button = newState === "open" && menu.matches(".menu, .sheet") && buttonOf(menu);
    if (!button) return;
    const at = button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = menu;
    const below = at.bottom + 4 + height < innerHeight || at.top < height;
    const left = menu.matches(".end") ? at.right - width : at.left;
    Object.assign(menu.style, { inset: "auto", margin: 0, top: `${below ? at.bottom + 4 : at.top - height - 4}px`, left: `${Math.max(8, Math.min(left, innerWidth - width - 8))}px` });
  }, true);
}

// ── The picture: values at once, by pointer or by arrow keys ─────────────────────────────────────────────────────
const tip = document.body.appendChild(make("div", { className: "tooltip", popover: "manual" }));

function point(day) {
  $$(".chart .hovered").forEach((other) => other.classList.remove("hovered"));
  if (!day) return tip.matches(":popover-open") && tip.hidePopover();
  const title = $("title", day); // taken over, or the browser would show its own as well
  if (title) { day.dataset.value = title.textContent; title.remove(); }
  day.classList.add("hovered");
  tip.textContent = day.dataset.value;
  tip.showPopover();
  const at = $(".hover-area", day).getBoundingClientRect();
  const left = Math.max(4, Math.min(at.left + at.width / 2 - tip.offsetWidth / 2, innerWidth - tip.offsetWidth - 4));
  Object.assign(tip.style, { left: `${left}px`, top: `${at.top - tip.offsetHeight - 4}px` });
}

on("pointerover", ({ target }) => point(target.closest?.(".chart g")));
on("focusout", ({ target }) => target.matches?.(".chart") && point(null));
on("scroll", () => point(null), true);
on("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step || !event.target.matches?.(".chart")) return;
  const days = $$("g", event.target);
  const at = days.findIndex((day) => day.matches(".hovered"));
  event.preventDefault();
  point(days[at < 0 ? days.length - 1 : Math.max(0, Math.min(days.length - 1, at + step))]);
  announce(tip.textContent);
});

// ── Names: the display name follows first and last name until it is written otherwise ────────────────────────────
const joined = (first, last) => `${first.trim()} ${last.trim()}`.trim();
on("input", ({ target }) => {
  if (!target.matches("[name=first_name], [name=last_name]") || !target.form.elements.name) return;
  const { first_name: first, last_name: last, name: shown } = target.form.elements;
  const before = shown.dataset.made ?? joined(first.defaultValue, last.defaultValue);
  const made = joined(first.value, last.value);
  if (shown.value && shown.value === before) shown.value = made;
  shown.dataset.made = shown.placeholder = made;
});

// ── What folds: open where there is room unless somebody folded it, which a cookie remembers for this device ───────────
function unfold() {
  if (matchMedia("(width >= 43.75rem)").matches) for (const fold of $$("details.unset")) { fold.open = true; fold.classList.remove("unset"); }
}

on("click", ({ target }) => {
  const fold = target.closest?.("summary")?.parentElement;
  if (!fold?.dataset.fold) return;
  const secure = location.protocol === "https:" ? ";secure" : "";
  setTimeout(() => (document.cookie = `${fold.dataset.fold}=${fold.open ? "open" : "closed"};path=/;max-age=31536000;samesite=lax${secure}`));
});

// ── Ticking rows: all at once, and how many ──────────────────────────────────────────────────────────────────────
/** Tells how many are ticked, or that all who match are meant, and offers only what can be done to any of them. */
function tellTicked() {
  for (const panel of $$(".panel:has([data-pick-all])")) {
    const boxes = $$(".list tbody .pick input:enabled", panel);
    const ticked = boxes.filter((box) => box.checked);
    for (const head of $$("[data-pick-all]", panel)) Object.assign(head, { checked: ticked.length === boxes.length && ticked.length > 0, indeterminate: ticked.length > 0 && ticked.length < boxes.length });
    const all = $("#bulk [name=all]");
    const everybody = all?.checked ?? false;
    for (const count of $$("[data-bulk-count]")) count.textContent = everybody ? all.dataset.told : `${ticked.length} selected`;
    // Anyone who has not joined yet has no account to act on.
    const invited = !everybody && ticked.length > 0 && ticked.every((box) => box.matches("[data-invited]"));
    for (const button of $$("#bulk [data-not-invited]")) {
      button.disabled = invited;
      button.title = invited ? "They are invited and have not joined yet. Cancel their invitations instead." : "";
    }
  }
}

on("change", ({ target }) => {
  const head = target.closest?.("[data-pick-all]");
  if (head) $$(".list tbody .pick input:enabled", head.closest(".panel")).forEach((box) => (box.checked = head.checked));
  if (head || target.closest?.(".list .pick, #bulk")) tellTicked();
});
// A browser that goes back ticks again what was ticked, after the page is there.
addEventListener("pageshow", () => setTimeout(tellTicked));

// How many boxes of a form are ticked, told where [data-ticked] names them.
on("change", ({ target }) => {
  for (const told of $$("[data-ticked]", target.form ?? undefined)) {
    told.textContent = `${$$(`[name="${told.dataset.ticked}"]:checked`, target.form).length} ticked`;
  }
});

// ── Pickers: [data-picker] holds boxes that are too many to look through, and a search above them ─────────────────
// Letters that Unicode does not take apart, as the search of the server spells them.
const spelled = Object.fromEntries("łl ƚl øo ɵo ɔo đd ðd ɖd ɗd þth æae œoe ħh ŋn ɲn ŧt ɨi ɩi ĸk ƙk ɓb ƀb ǥg ɠg ƴy ƶz əe ɛe ґг қк ғг ңн ٱا ىي یي ېي کك ةه ۀه ہه ھه ‐- ‑- ‒- –- —- −- ’' ‘' ʼ' `' ´'".split(" ").map(([letter, ...plain]) => [letter, plain.join("")]));

/** A text without case, accents and optional marks. */
const plain = (text) =>
  [...text.normalize("NFKD").replace(/[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\p{Cf}]/gu, "")]
    .map((letter) => letter.toUpperCase().toLowerCase())
    .map((letter) => spelled[letter] ?? letter)
    .join("");

const sought = (search) => plain(search.value).split(/\s+/).filter(Boolean);
const texts = new WeakMap(); // row → its text as it is searched
const rowsOf = (picker) => (picker.matches("[data-picks]") ? $$(".picks .choice", picker) : [...$(".choices, .grants", picker).children]);
const boxOf = (row) => $("input:is([type=checkbox], [type=radio])", row);

function narrow(picker) {
  const words = sought($("input[type=search]", picker));
  const rows = rowsOf(picker);
  for (const row of rows) {
    if (!texts.has(row)) texts.set(row, plain(row.textContent));
    row.hidden = !words.every((word) => texts.get(row).includes(word));
  }
  const found = rows.filter((row) => !row.hidden).length;
  $(".fruitless", picker).hidden = found > 0;
  clearTimeout(waiting.get(picker));
  if (words.length) waiting.set(picker, setTimeout(announce, 600, found === 1 ? "1 matches" : `${found} match`));
}

/** Tells how many are chosen, and shows each with a button that takes it out. */
function tellChosen(picker) {
  const chosen = rowsOf(picker).map(boxOf).filter((box) => box.checked);
  const words = `${chosen.length} of ${picker.dataset.total} chosen`;
  const told = $(".picked", picker);
  if (told.textContent !== words) told.textContent = words;
  const chip = (box) => {
    const name = $("[dir=auto]", box.parentElement).textContent;
    const item = make("li", {});
    const isOpen = box.type === "checkbox" && !box.disabled;
    const label = item.appendChild(make(isOpen ? "button" : "span", { className: "picked-chip", title: name }));
    label.append(make("bdi", { textContent: name }));
    if (isOpen) Object.assign(label, { type: "button", ariaLabel: `Take out ${name}`, box });
    return item;
  };
  const chips = $(".picked-chips", picker);
  chips.replaceChildren(...chosen.map(chip));
  chips.hidden = chosen.length === 0;
}

function preparePickers() {
  for (const picker of $$("[data-picker]:not(.ready)")) {
    picker.classList.add("ready");
    const search = $("input[type=search]", picker);
    search.removeAttribute("name");
    $(".nojs", picker)?.remove(); // or Enter anywhere in the form would press it
    const chips = make("ul", { className: "picked-chips", ariaLabel: "Chosen" });
    chips.setAttribute("role", "list");
    $(".picker-bar", picker).after(chips);
    narrow(picker);
    tellChosen(picker);
  }
  for (const bar of $$("[data-narrows]:not(.ready)")) {
    bar.classList.add("ready");
    $("input[type=search]", bar).removeAttribute("name");
    $(".nojs", bar)?.remove();
    narrowMenus(bar);
  }
}

/** Narrows what the menus of this name offer. What each has stays. */
function narrowMenus(bar) {
  const search = $("input[type=search]", bar);
  const words = sought(search);
  for (const menu of $$(`select[name="${bar.dataset.narrows}"]`, search.form)) {
    const { value } = menu;
    for (const group of $$("optgroup", menu)) {
      if (!texts.has(group)) texts.set(group, [...group.children].map((option) => [option, plain(option.textContent)]));
      const matching = texts.get(group).filter(([option, text]) => option.value === value || words.every((word) => text.includes(word)));
      group.replaceChildren(...matching.map(([option]) => option));
    }
    menu.value = value;
  }
}

on("input", ({ target }) => {
  if (target.type !== "search") return;
  const [picker, bar] = [target.closest("[data-picker]"), target.closest("[data-narrows]")];
  if (picker) narrow(picker);
  if (bar) narrowMenus(bar);
});
on("change", ({ target }) => {
  const picker = target.closest?.("[data-picker]");
  if (picker && target.type !== "search") tellChosen(picker);
});
on("click", ({ target }) => {
  const chip = target.closest?.("button.picked-chip");
  if (!chip) return;
  const picker = chip.closest("[data-picker]");
  const at = $$("button.picked-chip", picker).indexOf(chip);
  chip.box.checked = false;
  chip.box.dispatchEvent(new Event("change", { bubbles: true }));
  const left = $$("button.picked-chip", picker);
  (left[Math.min(at, left.length - 1)] ?? $("input[type=search]", picker)).focus();
});
on("keydown", (event) => {
  const { key, target } = event;
  const picker = target.closest?.("[data-picker], [data-narrows], [data-picks]");
  if (!picker || event.defaultPrevented) return;
  const search = $("input[type=search]", picker);
  if (key === "Escape" && search.value) {
    search.value = "";
    search.dispatchEvent(new Event("input", { bubbles: true }));
    search.focus();
    return event.preventDefault(); // and no dialog is closed
  }
  if (picker.matches("[data-narrows]")) return void (key === "Enter" && target === search && event.preventDefault());
  const boxes = rowsOf(picker).filter((row) => !row.hidden).map(boxOf).filter((box) => !box.disabled);
  const at = boxes.indexOf(target);
  const isDown = key === "ArrowDown" || (key === "Enter" && target === search && picker.matches("[data-picker]"));
  // Among radio buttons the browser moves.
  if (target !== search && (at < 0 || target.type === "radio")) return;
  const next = isDown ? boxes[at + 1] : at < 0 ? null : { ArrowUp: boxes[at - 1] ?? search, Home: boxes[0], End: boxes.at(-1) }[key];
  if (isDown || next) event.preventDefault();
  next?.focus();
});

/** Of a filter with many choices all of them, from its own page, in place of the few that the list has. */
async function loadChoices(button) {
  const field = $("fieldset", button.parentElement);
  const url = new URL(button.formAction);
  url.search = new URLSearchParams([...new FormData(button.form)].filter(([, value]) => value !== ""));
  const picker = document.adoptNode($("[data-picker]", await page(url)));
  // What was ticked meanwhile counts.
  for (const box of $$("label input", field)) $(`input[value="${box.value}"]`, picker).checked = box.checked;
  field.replaceChildren($("legend", field), picker);
  button.parentElement.dataset.kept = "1";
  button.remove();
  preparePickers();
}

on("toggle", ({ target, newState }) => {
  const button = newState === "open" && $("button[data-choices]", target);
  if (button) loadChoices(button).catch(() => {});
}, true);
on("click", (event) => {
  const button = event.target.closest?.("button[data-choices]");
  if (!button) return;
  event.preventDefault();
  const url = new URL(button.formAction);
  url.search = new URLSearchParams(new FormData(button.form));
  loadChoices(button).catch(() => location.assign(url));
});
// A browser that goes back ticks again what was ticked, after the page is there.
addEventListener("pageshow", () => setTimeout(() => $$("[data-picker].ready").forEach(tellChosen)));

// ── Long work: [data-poll] renews its region until the server says that nothing is under way ─────────────────────
async function poll(region) {
  await new Promise((resolve) => setTimeout(resolve, Number(region.dataset.poll)));
  const fresh = await page(location.href).catch(() => null);
  const next = fresh?.getElementById(region.id);
  if (next) morph(region, next);
  tellTimes();
  const now = document.getElementById(region.id);
  if (now?.dataset.poll) return poll(now);
  announce($("h1", now)?.textContent ?? "");
}

// ── Start ────────────────────────────────────────────────────────────────────────────────────────────────────────
/** What pages and renewed parts of them need alike. */
function prepare() {
  unfold();
  tellTimes();
  offerCopies();
  preparePickers();
  for (const chart of $$("svg.chart")) chart.setAttribute("tabindex", "0");
  for (const link of $$("a[data-menu]:not([role])")) {
    Object.assign(link, { role: "button", ariaHasPopup: "true", ariaExpanded: String(link === opener) });
  }
}

enhance(document);
prepare();
catchUp();
for (const tab of $$(".tabs [aria-current]")) tab.scrollIntoView({ block: "nearest", inline: "center" });
setInterval(tellTimes, 60_000);
$$("[data-poll]").forEach(poll);
($(".notice[data-errors]") ?? $("main [aria-invalid=true]"))?.focus();

// ── Buttons that only turn a form: the part that [data-turn] names is drawn anew ──────────────────────────────────
async function turn(button) {
  const { form, dataset } = button;
  form.ariaBusy = "true";
  const body = new URLSearchParams(new FormData(form, button));
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } }).finally(() => (form.ariaBusy = null));
  const fresh = answer.ok && !answer.redirected && $(dataset.turn, new DOMParser().parseFromString(await answer.text(), "text/html"));
  if (!fresh) throw new Error(`${form.action} answered ${answer.status}`);
  const next = $("[autofocus]", fresh);
  next?.removeAttribute("autofocus"); // which is for pages that load
  $(dataset.turn).replaceWith(fresh);
  next?.focus();
}

on("click", (event) => {
  const button = event.target.closest?.("button[data-turn]");
  if (!button) return;
  event.preventDefault();
  if (button.form.ariaBusy !== "true") turn(button).catch(() => button.form.requestSubmit(button));
});

// Policies: the actions of a type come when it is chosen.
on("change", ({ target }) => target.matches("select[data-refresh]") && document.getElementById(target.dataset.refresh)?.click());

// ── Columns: the rows of [data-order] are moved by their buttons, or dragged ─────────────────────────────────────
const named = (row) => $("label", row).textContent.trim();

function moved(row) {
  row.parentElement.dataset.typed = ""; // a stray click does not close its dialog
  announce(`${named(row)}: ${[...row.parentElement.children].indexOf(row) + 1} of ${row.parentElement.children.length}`);
}

on("click", (event) => {
  const button = event.target.closest?.("[data-order] [data-move]");
  if (!button) return;
  event.preventDefault();
  const row = button.closest("li");
  if (button.dataset.move === "up") row.previousElementSibling?.before(row);
  else row.nextElementSibling?.after(row);
  button.focus();
  row.scrollIntoView({ block: "nearest" });
  moved(row);
});

let dragged = null; // the row
on("dragstart", (event) => {
  dragged = event.target.closest?.("[data-order] > li") ?? null;
  dragged?.classList.add("moved");
});
on("dragover", (event) => {
  const row = event.target.closest?.("[data-order] > li");
  if (!dragged || !row || row.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  const box = row.getBoundingClientRect();
  if (row !== dragged) event.clientY < box.top + box.height / 2 ? row.before(dragged) : row.after(dragged);
});
on("dragend", () => {
  dragged?.classList.remove("moved");
  if (dragged) moved(dragged);
  dragged = null;
});

// ── "/" goes to the search field ─────────────────────────────────────────────────────────────────────────────────
on("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const search = $("main input[type=search]");
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
});

// ── The way back to a list keeps its search, filters, order and page: a[data-list] leads to the list as this tab saw it ──
const LIST = "list:";

function rememberList() {
  if ($("form[data-live]") && location.search !== sessionStorage.getItem(LIST + location.pathname)) {
    sessionStorage.setItem(LIST + location.pathname, location.search);
  }
}

on("click", ({ target }) => {
  const link = target.closest?.("a[data-list]");
  const search = link && sessionStorage.getItem(LIST + link.pathname);
  if (search) link.search = search;
}, true);

rememberList();
addEventListener("pagehide", rememberList);
