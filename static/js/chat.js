/* The visitor's and the agent's chat: Enter sends (Shift and Enter breaks the line, never during composition),
   the newest line stays in view unless someone is reading above, and "is writing" is told at most every 4 seconds. */

import { isComposing } from "./composing.js";

const TELL_EVERY = 4_000;
const lines = document.querySelector(".chat__lines");
let told = 0;

function isAtEnd() {
  return lines.scrollHeight - lines.scrollTop - lines.clientHeight < 120;
}

function toEnd() {
  lines.scrollTop = lines.scrollHeight;
}

function tellWriting(form) {
  const url = form.dataset.writing;
  if (!url || Date.now() - told < TELL_EVERY) return;
  told = Date.now();
  fetch(url, { method: "POST", body: new URLSearchParams({ csrf_token: form.elements.csrf_token.value }) });
}

if (lines) {
  toEnd();
  let stays = true;
  document.addEventListener("htmx:beforeSwap", () => (stays = isAtEnd()));
  document.addEventListener("htmx:afterSettle", () => stays && toEnd());
}

document.addEventListener("keydown", (event) => {
  if (
    event.key !== "Enter" ||
    event.shiftKey ||
    isComposing(event) ||
    !event.target.matches(".chat__form textarea")
  )
    return;
  event.preventDefault();
  if (event.target.value.trim()) event.target.form.requestSubmit();
});

document.addEventListener("input", ({ target }) => {
  if (target.matches(".chat__form textarea")) tellWriting(target.form);
});

// Only a window in view says that somebody is there; an answer to one out of view goes by mail as well.
document.addEventListener("htmx:configRequest", ({ target, detail }) => {
  if (target.id === "chat-news" && document.visibilityState === "visible") detail.parameters.here = "1";
});

document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  if (detail.successful && target.matches(".chat__form, .chat__form form")) target.reset();
});
