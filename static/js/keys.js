/* Single keys for the desk. What a key does stands in the markup: aria-keyshortcuts="r" on the control itself.
   Silent while someone types, composes Japanese, or has switched the keys off (WCAG 2.1.4). */

const SWITCH = "single-keys";
const sheet = document.getElementById("keys");

function isTyping(target) {
  return target.closest(
    "input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]",
  );
}

function act(control) {
  if (control.matches("input[type=radio]")) control.click();
  const text = control.dataset.focuses ? document.querySelector(control.dataset.focuses) : null;
  if (text) text.focus();
  else if (control.matches("input, textarea, select")) control.focus();
  else control.click();
}

function move(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)].querySelector("a[href]");
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

function press(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (
    localStorage.getItem(SWITCH) === "off" ||
    isTyping(event.target) ||
    document.querySelector("dialog[open]")
  )
    return;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "?") sheet?.showModal();
  else {
    const control = document.querySelector(`[aria-keyshortcuts~="${CSS.escape(event.key)}"]`);
    if (!control) return;
    act(control);
  }
  event.preventDefault();
}

document.addEventListener("keydown", press);

for (const opener of document.querySelectorAll("[data-opens]")) {
  opener.hidden = false;
  opener.addEventListener("click", () => document.getElementById(opener.dataset.opens)?.showModal());
}

const toggle = document.querySelector("[data-keys-switch]");
if (toggle) {
  toggle.checked = localStorage.getItem(SWITCH) !== "off";
  toggle.addEventListener("change", () => localStorage.setItem(SWITCH, toggle.checked ? "on" : "off"));
}
