/* Answers on their way: a countdown to the moment when one goes out, a word for those who hear the page, and the way back.
   <span data-left="10" data-words="Goes out in {n} s" data-over="Going out" data-topic="ticket-42"> counts in seconds from its coming. */

const ends = new WeakMap();
const told = new Set();
// The worker looks every half second: the page asks again when it has surely been there.
const ASKED_AFTER = [1200, 4000];

function over(count) {
  count.textContent = count.dataset.over;
  const topic = `live:${count.dataset.topic}`;
  delete count.dataset.left;
  for (const pause of ASKED_AFTER) setTimeout(() => document.body.dispatchEvent(new CustomEvent(topic)), pause);
}

function tick() {
  for (const count of document.querySelectorAll("[data-left]")) {
    // A card that comes again from the server brings its seconds anew.
    const known = ends.get(count);
    if (known?.left !== count.dataset.left)
      ends.set(count, { left: count.dataset.left, at: performance.now() + count.dataset.left * 1000 });
    const left = Math.ceil((ends.get(count).at - performance.now()) / 1000);
    if (left <= 0) over(count);
    else count.textContent = count.dataset.words.replace("{n}", left);
  }
}

// One's own answer that is on its way now comes into view, those of others do not.
let isAwaited = false;
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.requestConfig.elt.matches(".composer form")) isAwaited = detail.xhr.status < 400;
});
document.addEventListener("htmx:load", () => {
  const card = isAwaited && document.querySelector("#planned .planned__card:last-of-type");
  if (!card) return;
  isAwaited = false;
  card.scrollIntoView({ block: "nearest" });
});

function tell() {
  const button = document.querySelector("#planned [data-says]");
  const card = button?.closest("article");
  if (!card || told.has(card.id)) return;
  told.add(card.id);
  const says = document.getElementById("composer-says");
  if (says) says.textContent = button.dataset.says;
}

setInterval(tick, 250);
document.addEventListener("htmx:load", tell);

// In an empty box there is nothing else to undo.
document.addEventListener("keydown", (event) => {
  if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.isComposing) return;
  const undo = document.querySelector('#planned [aria-keyshortcuts="z"]');
  if (!undo || !event.target.matches("textarea[data-draft]") || event.target.value) return;
  event.preventDefault();
  undo.click();
});

// What was taken back is written on at once.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const elt = detail.requestConfig?.elt;
  const text = elt?.matches(".planned__back") && document.querySelector("#composer textarea");
  if (!text) return;
  text.focus();
  text.setSelectionRange(text.value.length, text.value.length);
});
