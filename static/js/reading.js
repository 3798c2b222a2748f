/* An article before its reader: where they are in it, boxes they ticked (kept in their browser), links to headings and
   code to copy, pictures to enlarge. The page reads and prints the same without it. */

const layout = document.querySelector(".article-layout");
const body = document.getElementById("article-body");
const words = JSON.parse(layout.dataset.words);
const said = Object.assign(document.createElement("p"), { className: "told" });
said.setAttribute("role", "status");
document.body.append(said);
let silence = 0;
// Where the article lives, without the way that led here.
const home = document.querySelector('link[rel="canonical"]')?.href ?? location.origin + location.pathname;
const here = new URL(location.href);

// The place in a list that led here is counted by now; whoever copies the address shall not pass it on.
if (here.searchParams.has("from")) {
  here.searchParams.delete("from");
  history.replaceState(history.state, "", here);
}

function say(text) {
  clearTimeout(silence);
  said.textContent = text;
  silence = setTimeout(() => (said.textContent = ""), 2_000);
}

function button(text, press, look = "") {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
  made.className = `button button--small ${look}`;
  made.addEventListener("click", press);
  return made;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say(words.copied);
  } catch {
    // Without a clipboard the address bar has the link, and the code can be marked.
  }
}

// The heading whose part is read: the last one that has passed the upper third of the window.
const links = [...document.querySelectorAll(".contents a")];
const headings = [...body.querySelectorAll("h2[id], h3[id]")];
let waits = false;

function mark() {
  waits = false;
  const isAtEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 4 && scrollY > 0;
  const passed = headings.filter((each) => each.getBoundingClientRect().top < innerHeight / 3);
  const now = isAtEnd && passed.length ? passed.at(-1) : (passed.at(-1) ?? headings[0]);
  for (const link of links) {
    const isHere = now && decodeURIComponent(link.hash.slice(1)) === now.id;
    if (isHere) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

if (links.length) {
  addEventListener("scroll", () => waits || ((waits = true), requestAnimationFrame(mark)), { passive: true });
  mark();
}

for (const details of document.querySelectorAll(".contents--folded"))
  details.addEventListener("click", ({ target }) => target.closest("a") && (details.open = false));

body.addEventListener("click", (event) => {
  const anchor = event.target.closest(".anchor");
  if (anchor) copy(home + anchor.hash);
  const zoom = event.target.closest(".zoom");
  if (!zoom || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  enlarge(zoom);
});

function enlarge(zoom) {
  const box = Object.assign(document.createElement("dialog"), { className: "enlarged" });
  const image = zoom.querySelector("img").cloneNode();
  image.loading = "eager";
  box.setAttribute("aria-label", image.alt || zoom.getAttribute("aria-label"));
  box.append(button(words.close, () => box.close()), image);
  image.addEventListener("click", () => box.close());
  box.addEventListener("click", ({ target }) => target === box && box.close());
  box.addEventListener("close", () => (box.remove(), zoom.focus()));
  document.body.append(box);
  box.showModal();
}

for (const code of body.querySelectorAll("pre")) {
  const box = Object.assign(document.createElement("div"), { className: "code-box" });
  code.before(box);
  box.append(code, button(words.copy, () => copy(code.textContent)));
}

// What is ticked is known by its words: another order, or a new box between, changes nothing.
const boxes = [...body.querySelectorAll(".task__label input")];
const place = `ticked:${layout.dataset.article}`;
const name = (box) => box.closest("label").textContent.trim();
const progress = Object.assign(document.createElement("progress"), { max: boxes.length });
const count = document.createElement("span");

function kept() {
  try {
    return JSON.parse(localStorage.getItem(place)) ?? {};
  } catch {
    return {};
  }
}

function show() {
  const done = boxes.filter((box) => box.checked).length;
  progress.value = done;
  count.textContent = words.of.replace("{done}", done).replace("{all}", boxes.length);
}

function keep() {
  try {
    localStorage.setItem(place, JSON.stringify(Object.fromEntries(boxes.map((box) => [name(box), box.checked]))));
  } catch {
    // A browser that keeps nothing still ticks.
  }
  show();
}

if (boxes.length) {
  const before = kept();
  for (const box of boxes) {
    box.checked = before[name(box)] ?? box.checked;
    box.addEventListener("change", keep);
  }
  const bar = Object.assign(document.createElement("div"), { className: "tasks" });
  const reset = () => (boxes.forEach((box) => (box.checked = false)), keep(), boxes[0].focus());
  progress.setAttribute("aria-hidden", "true");
  bar.append(progress, count, button(words.reset, reset, "button--quiet"));
  let first = boxes[0].closest("ul, ol");
  while (first.parentElement.closest("#article-body ul, #article-body ol")) first = first.parentElement.closest("ul, ol");
  // Where it counts the boxes of several lists, it stands above the part in which the first begins.
  const above = boxes.every((box) => first.contains(box)) ? [] : headings.filter((each) => each.compareDocumentPosition(first) & Node.DOCUMENT_POSITION_FOLLOWING);
  (above.findLast((each) => each.matches("h2")) ?? above[0] ?? first).before(bar);
  show();
}
