/* Suggestions that wait for the reader: not during Japanese composition, and a moment after the last key.
   The box is <input data-suggest hx-get="…" hx-trigger="typed" hx-target="#…">; arrow keys walk the hits. */

const PAUSE = 180;
let timer = 0;

function typed(input) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (input.dataset.asked === input.value) return;
    input.dataset.asked = input.value;
    input.dispatchEvent(new CustomEvent("typed", { bubbles: true }));
  }, PAUSE);
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-suggest]") && !event.isComposing) typed(event.target);
});
document.addEventListener("compositionend", ({ target }) => {
  if (target.matches("[data-suggest]")) typed(target);
});

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.(".search");
  if (!box || event.isComposing || !["ArrowDown", "ArrowUp", "Escape"].includes(event.key)) return;
  const input = box.querySelector("input");
  const stops = [input, ...box.querySelectorAll(".search__hit")];
  if (event.key === "Escape") {
    box.querySelector(".search__list")?.replaceChildren();
    input.focus();
  } else if (stops.length > 1) {
    const step = event.key === "ArrowDown" ? 1 : -1;
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
    event.preventDefault();
  }
});
