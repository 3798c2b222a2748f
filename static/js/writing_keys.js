/* Keys of the editor: Ctrl or Cmd with B, I, K for bold, italic, link and with S for saving; Enter goes on with a list. */

const form = document.querySelector("#article-form");
const text = form.querySelector("#body");
const MARKS = { b: ["**", "**"], i: ["_", "_"], k: ["[", "](url)"] };
const ITEM = /^(\s*)(?:([-*+])|(\d{1,9})([.)]))(\s+)(\[[ xX]\]\s+)?/;

// As if it were typed, so that Ctrl+Z takes it back.
function write(piece) {
  if (document.execCommand(piece ? "insertText" : "delete", false, piece)) return;
  text.setRangeText(piece, text.selectionStart, text.selectionEnd, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

function mark([before, behind]) {
  const { selectionStart: start, selectionEnd: end, value } = text;
  const words = value.slice(start, end);
  write(before + words + behind);
  // A link with words waits for its address, anything else for its words.
  if (words && behind.includes("url")) text.setSelectionRange(end + before.length + 2, end + before.length + 5);
  else text.setSelectionRange(start + before.length, end + before.length);
}

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.isComposing) return;
  const key = event.key.toLowerCase();
  if (key === "s") {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-send]"));
  } else if (event.target === text && MARKS[key]) {
    event.preventDefault();
    mark(MARKS[key]);
  }
});

text.addEventListener("keydown", (event) => {
  // While Japanese is composed, Enter only ends the composition; keyCode 229 is Safari's word for it.
  if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || text.selectionStart !== text.selectionEnd) return;
  const at = text.selectionStart;
  const begun = text.value.lastIndexOf("\n", at - 1) + 1;
  const item = ITEM.exec(text.value.slice(begun, at));
  if (!item) return;
  event.preventDefault();
  const end = text.value.indexOf("\n", at);
  const rest = text.value.slice(begun + item[0].length, end < 0 ? undefined : end);
  if (!rest.trim()) {
    // An item without words ends the list.
    text.setSelectionRange(begun, at);
    write("");
    return;
  }
  const [, indent, bullet, number, dot, gap, box] = item;
  write(`\n${indent}${bullet ?? `${Number(number) + 1}${dot}`}${gap}${box ? "[ ] " : ""}`);
});
