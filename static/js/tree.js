/* Arranging by dragging: a handle takes a line to before, after or into another one. Arrows do the same for keys;
   here they keep the focus on the button that was pressed, for the tree comes back whole after every step. */

const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
let dragged = null;
let target = null;

function marked(item, how) {
  for (const each of document.querySelectorAll(".is-before, .is-after, .is-into"))
    each.classList.remove("is-before", "is-after", "is-into");
  item?.classList.add(`is-${how}`);
}

// Of one line the upper part is before it, the lower after it, and between them it takes what is dropped.
function aimed(x, y) {
  const item = document.elementFromPoint(x, y)?.closest(".tree__item");
  if (!item || dragged.contains(item)) return null;
  if (Boolean(item.dataset.category) !== Boolean(dragged.dataset.category)) return null;
  if (item.dataset.article && item.parentElement !== dragged.parentElement) return null;
  const { top, height } = item.querySelector(".tree__line").getBoundingClientRect();
  const at = (y - top) / height;
  if (item.dataset.article) return { item, how: at < 0.5 ? "before" : "after" };
  return { item, how: at < 0.3 ? "before" : at > 0.7 ? "after" : "into" };
}

function behind(item) {
  const next = item.nextElementSibling;
  return next === dragged ? next.nextElementSibling : next;
}

function drop({ item, how }) {
  const key = dragged.dataset.category ? "category" : "article";
  const before = how === "before" ? item : how === "after" ? behind(item) : null;
  const values = { csrf_token: token, before: before?.dataset[key] ?? "" };
  if (key === "article") {
    const list = dragged.parentElement;
    values.article = dragged.dataset.article;
    htmx.ajax("POST", list.dataset.order, { values, target: `#${list.id}`, swap: "outerHTML" });
    return;
  }
  values.parent = how === "into" ? item.dataset.category : item.parentElement.dataset.parent;
  const place = document.getElementById("tree").dataset.place.replace("/0/", `/${dragged.dataset.category}/`);
  htmx.ajax("POST", place, { values, target: "#tree", swap: "outerHTML" });
}

function ready() {
  for (const tree of document.querySelectorAll(".tree")) tree.classList.add("is-draggable");
}

document.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest("[data-handle]");
  if (!handle || event.button) return;
  dragged = handle.closest(".tree__item");
  dragged.classList.add("is-dragged");
  handle.setPointerCapture(event.pointerId);
  event.preventDefault();
});

document.addEventListener("pointermove", ({ clientX, clientY }) => {
  if (!dragged) return;
  target = aimed(clientX, clientY);
  marked(target?.item, target?.how);
});

function end(isDropped) {
  if (!dragged) return;
  marked(null);
  dragged.classList.remove("is-dragged");
  if (isDropped && target) drop(target);
  dragged = target = null;
}

document.addEventListener("pointerup", () => end(true));
document.addEventListener("pointercancel", () => end(false));
document.addEventListener("keydown", ({ key }) => key === "Escape" && end(false));

let pressed = "";
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  pressed = detail.requestConfig.triggeringEvent?.submitter?.id ?? "";
});
document.addEventListener("htmx:afterSettle", () => {
  ready();
  const control = pressed && document.getElementById(pressed);
  if (!control) return;
  // At the end of its way the arrow rests, and another one of the line takes its place.
  (control.disabled ? control.form.querySelector("button:not([disabled])") : control)?.focus();
  pressed = "";
});
ready();
