/* Suggestions while somebody types: <… data-suggest="/address" aria-controls="list">, asked as ?q=… a moment after
   the last key. Never during Japanese composition, and only the last answer counts.
   An <input role="combobox"> has a listbox: arrows choose, Enter opens, Escape closes and keeps the text.
   With data-picks it is no search of its own: Enter takes the first, and no form is sent.
   Any other field has a part of the page below it, with links that Tab reaches. What there is to hear stands in
   data-told of the answer, and is said in the field's <… data-tells="list">. Fields may share such a part: with
   data-follows it stands below the one that was edited last. */

import { isComposing } from "./composing.js";

const PAUSE = 150;
const asking = new WeakMap();
let composing = null;

const listOf = (field) => document.getElementById(field.getAttribute("aria-controls"));
const isCombobox = (field) => field.getAttribute("role") === "combobox";
const sharing = (field) =>
  document.querySelectorAll(`[data-suggest][aria-controls="${field.getAttribute("aria-controls")}"]`);
const optionsOf = (list) => [...list.querySelectorAll('[role="option"]')];

function forget(field) {
  const task = asking.get(field);
  clearTimeout(task?.timer);
  task?.request?.abort();
  asking.delete(field);
}

function askSoon(field) {
  const before = asking.get(field)?.text ?? field.dataset.shown ?? "";
  if (field.value.trim() === before) return;
  sharing(field).forEach(forget);
  const task = { text: field.value.trim(), request: new AbortController() };
  task.timer = setTimeout(() => ask(field, task), PAUSE);
  asking.set(field, task);
}

async function ask(field, task) {
  const address = new URL(field.dataset.suggest, location.href);
  address.searchParams.set("q", task.text);
  const lang = field.form?.elements.lang?.value;
  if (lang) address.searchParams.set("lang", lang);
  try {
    const answer = await fetch(address, { signal: task.request.signal, headers: { "HX-Request": "true" } });
    const html = answer.ok ? await answer.text() : "";
    if (asking.get(field) === task) show(field, task.text, html);
  } catch (error) {
    // Newer letters came, or the line is down: the form still searches.
    if (asking.get(field) === task) asking.delete(field);
  }
}

function show(field, text, html) {
  asking.delete(field);
  for (const other of sharing(field)) delete other.dataset.shown;
  field.dataset.shown = text;
  const list = listOf(field);
  const held = list.contains(document.activeElement) || list.querySelector("details[open]");
  // Whoever reads one of them is not disturbed.
  if (!isCombobox(field) && held) return;
  if (list.hasAttribute("data-follows")) field.closest(".field").after(list);
  list.innerHTML = html;
  window.htmx?.process(list);
  if (isCombobox(field)) {
    optionsOf(list).forEach((option, number) => (option.id = `${list.id}-${number}`));
    choose(field, null);
    if (document.activeElement === field) open(field);
  }
  const told = document.querySelector(`[data-tells="${list.id}"]`);
  if (told) told.textContent = list.querySelector("[data-told]")?.dataset.told ?? "";
}

function open(field) {
  const has = optionsOf(listOf(field)).length > 0;
  listOf(field).hidden = !has;
  field.setAttribute("aria-expanded", String(has));
}

function close(field) {
  listOf(field).hidden = true;
  field.setAttribute("aria-expanded", "false");
  choose(field, null);
}

function choose(field, option) {
  for (const other of optionsOf(listOf(field))) other.setAttribute("aria-selected", String(other === option));
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function step(field, by) {
  if (listOf(field).hidden) open(field);
  // The field itself is one of the stops, where nothing is chosen.
  const stops = [null, ...optionsOf(listOf(field))];
  const at = stops.findIndex((option) => option?.getAttribute("aria-selected") === "true");
  choose(field, stops[(Math.max(at, 0) + by + stops.length) % stops.length]);
}

function press(event) {
  const field = event.target;
  if (!field.matches?.("[data-suggest][role=combobox]")) return;
  if (isComposing(event)) return;
  const list = listOf(field);
  const picks = field.hasAttribute("data-picks");
  const chosen = list.querySelector('[aria-selected="true"]') ?? (picks ? optionsOf(list)[0] : null);
  if (event.key === "ArrowDown") step(field, 1);
  else if (event.key === "ArrowUp") step(field, -1);
  else if (event.key === "Enter" && chosen && !list.hidden) chosen.click();
  else if (event.key === "Enter" && picks) close(field);
  else if (event.key === "Escape" && !list.hidden) close(field);
  else return;
  // A search field would be emptied by Escape, a form sent by Enter, the caret moved by an arrow.
  event.preventDefault();
  event.stopPropagation();
}

const suggesting = (event) => event.target.matches?.("[data-suggest]");

document.addEventListener("keydown", press, true);
document.addEventListener("compositionstart", (event) => {
  if (!suggesting(event)) return;
  composing = event.target;
  forget(composing);
});
document.addEventListener("compositionend", (event) => {
  composing = null;
  if (suggesting(event)) askSoon(event.target);
});
document.addEventListener("input", (event) => {
  if (suggesting(event) && !event.isComposing && composing !== event.target) askSoon(event.target);
});
// The Enter that ends a composition sends no form.
document.addEventListener("submit", (event) => composing && event.preventDefault(), true);
document.addEventListener("focusin", (event) => {
  if (suggesting(event) && isCombobox(event.target) && event.target.value.trim()) {
    if (event.target.value.trim() === event.target.dataset.shown) open(event.target);
    else askSoon(event.target);
  }
});
document.addEventListener("focusout", (event) => {
  if (suggesting(event) && isCombobox(event.target)) close(event.target);
});
// A press on the list leaves the caret in the field; the click that follows opens.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest?.('[role="listbox"]')) event.preventDefault();
});

// What is picked for an answer goes there with its first words where the writer wants them (composer.js puts it).
document.addEventListener(
  "click",
  (event) => {
    const option = event.target.closest?.('[role="option"][data-inserts]');
    const box = option?.closest("details");
    if (!box) return;
    if (box.querySelector("[data-with-text]")?.checked) option.dataset.inserts = option.dataset.text;
    setTimeout(() => {
      box.open = false;
      const field = box.querySelector("[data-suggest]");
      field.value = "";
      delete field.dataset.shown;
      listOf(field).replaceChildren();
    });
  },
  true,
);
// A box that opens with a search in it begins there.
document.addEventListener(
  "toggle",
  ({ target }) => target.open && target.querySelector("[data-picks]")?.focus(),
  true,
);

// Beside a form that is being filled in nothing leads away from it.
document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest?.("[data-beside] a[href]:not([href^='#'])");
    if (link) Object.assign(link, { target: "_blank", rel: "noopener" });
    const shut = event.target.closest?.("[data-shuts]");
    const parted = shut?.closest("details");
    if (parted) {
      parted.open = false;
      parted.querySelector("summary").focus();
    }
  },
  true,
);
