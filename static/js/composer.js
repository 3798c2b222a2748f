/* Writing an answer: Ctrl or Cmd and Enter sends, the draft outlives a reload, files are named, the box grows with the text,
   what was sent comes into view.
   The box is a <textarea data-draft="ticket-42">; the button that Ctrl+Enter presses carries data-send. */

import { isComposing } from "./composing.js";

const MOST_ROWS = 18;
let isAwaited = false;
const key = (text) => `draft:${text.dataset.draft}`;
// What tells the form from every other one stays with its draft: sent once more after a reload, it is still one.
const formKey = (text) => `${key(text)}:once`;
const once = (text) => text.form?.elements.once;

function grow(text) {
  if (CSS.supports("field-sizing", "content")) return;
  text.rows = Math.min(MOST_ROWS, Math.max(3, text.value.split("\n").length + 1));
}

function keep(text) {
  if (!text.value.trim()) return drop(text);
  sessionStorage.setItem(key(text), text.value);
  if (once(text)) sessionStorage.setItem(formKey(text), once(text).value);
}

function drop(text) {
  sessionStorage.removeItem(key(text));
  sessionStorage.removeItem(formKey(text));
}

function takeUp(text) {
  text.value = sessionStorage.getItem(key(text)) ?? "";
  if (text.value && once(text)) once(text).value = sessionStorage.getItem(formKey(text)) ?? once(text).value;
}

function start(root) {
  for (const text of root.querySelectorAll("textarea[data-draft]")) {
    // What the server sends back (a refused form) wins over what was kept.
    if (!text.value) takeUp(text);
    else keep(text);
    grow(text);
  }
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches("textarea[data-draft]")) return;
  grow(target);
  keep(target);
});

document.addEventListener("change", ({ target }) => {
  if (!target.matches(".composer input[type=file]")) return;
  const names = [...target.files].map((file) => file.name).join(", ");
  target.closest("form").querySelector(".composer__files").textContent = names;
});

// A ready piece, as a link to an article, goes where the writer stands in the text.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-inserts]");
  const text = button && document.querySelector(button.dataset.into);
  if (!text) return;
  const before = text.value.slice(0, text.selectionStart);
  const space = before && !/\s$/.test(before) ? "\n" : "";
  const piece = `${space}${button.dataset.inserts}\n`;
  text.focus();
  // As if it were typed: Ctrl+Z takes it out again.
  if (document.execCommand("insertText", false, piece)) return;
  text.setRangeText(piece, text.selectionStart, text.selectionEnd, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
});

// Enter in a small field of the composer presses the field's own button, and sends nothing.
document.addEventListener("keydown", (event) => {
  const button = event.target.dataset?.presses && document.querySelector(event.target.dataset.presses);
  if (!button || event.key !== "Enter" || event.ctrlKey || event.metaKey || isComposing(event)) return;
  event.preventDefault();
  button.click();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || isComposing(event)) return;
  const form = event.target.closest("form");
  const button = [...(form?.querySelectorAll("[data-send]") ?? [])].find((each) => each.checkVisibility());
  if (!button) return;
  event.preventDefault();
  form.requestSubmit(button);
});

// Sent and taken: the draft has done its work. Refused: it stays.
function forget(form) {
  form.querySelectorAll("textarea[data-draft]").forEach(drop);
}

// Before the swap: the empty box that comes back would else take the draft up again.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { elt } = detail.requestConfig;
  if (detail.xhr.status >= 400 || !elt.matches("form")) return;
  forget(elt);
  isAwaited = elt.matches(".composer form");
});
document.addEventListener("submit", ({ target }) => {
  if (!target.hasAttribute("hx-post")) forget(target);
});
document.addEventListener("htmx:load", ({ target }) => start(target));

// How high the docked box is: what comes into view stays clear of it.
const box = document.querySelector(".composer");
const measured = new ResizeObserver(([{ target }]) => {
  document.documentElement.style.setProperty("--composer-height", `${target.offsetHeight}px`);
});
if (box) measured.observe(box);

// What one has just sent comes into view, above the box.
document.addEventListener("htmx:load", ({ target }) => {
  if (!isAwaited || !target.matches(".thread .message")) return;
  isAwaited = false;
  target.scrollIntoView({ block: "nearest" });
});
