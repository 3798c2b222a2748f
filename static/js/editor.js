/* Writing an article: what the toolbar does not know, images pasted or dropped, and both panes scrolled together.
   The form is #article-form; without a script its plain fields do the same. What is typed is kept by kept.js. */

const form = document.querySelector("#article-form");
const text = form.querySelector("#body");
const told = document.querySelector("#editor-told");
const token = form.elements.csrf_token.value;
const words = form.querySelector("#editor-words").dataset;

function insert(piece, { isBlock = false } = {}) {
  const before = text.value.slice(0, text.selectionStart);
  const gap = !isBlock || !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  text.focus();
  write(gap + piece + (isBlock ? "\n" : ""));
}

// As if it were typed: Ctrl+Z takes it out again. setRangeText would empty what can be undone.
function write(piece) {
  if (document.execCommand("insertText", false, piece)) return;
  text.setRangeText(piece, text.selectionStart, text.selectionEnd, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

// Pieces of Markdown

const selected = () => text.value.slice(text.selectionStart, text.selectionEnd);
const quoted = (lines) => lines.split("\n").map((line) => `> ${line}`).join("\n");
const pieces = {
  table: () => `| ${words.column} 1 | ${words.column} 2 |\n| --- | --- |\n|  |  |\n|  |  |`,
  note: () => `> [!NOTE]\n${quoted(selected() || words.callout)}`,
  warning: () => `> [!WARNING]\n${quoted(selected() || words.callout)}`,
};

document.addEventListener("click", ({ target }) => {
  const kind = target.closest("[data-md]")?.dataset.md;
  if (kind === "again") insertAgain(target.closest("[data-md]"));
  else if (kind === "file") document.querySelector("#file").click();
  else if (kind) insert(pieces[kind](), { isBlock: true });
});

// Views: a phone shows one pane at a time

const panes = document.querySelector("#editor-panes");
const views = form.querySelector(".editor__views");
views.hidden = false;
views.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-view]");
  if (!button) return;
  panes.dataset.view = button.dataset.view;
  for (const each of views.children) each.setAttribute("aria-pressed", each === button);
});

// Scrolling: what stands beside follows the text, and the text follows it

const preview = document.querySelector("#editor-preview");
const source = document.querySelector("#source-text");
const scrolled = [text, source, preview].filter(Boolean);
let leader = text;
const share = (box) => box.scrollTop / Math.max(1, box.scrollHeight - box.clientHeight);
function follow() {
  for (const box of scrolled) if (box !== leader) box.scrollTop = share(leader) * (box.scrollHeight - box.clientHeight);
}
for (const box of scrolled) {
  for (const sign of ["pointerenter", "focus", "wheel", "touchstart"])
    box.addEventListener(sign, () => (leader = box), { passive: true });
  box.addEventListener("scroll", () => box === leader && requestAnimationFrame(follow), { passive: true });
}
document.body.addEventListener("htmx:afterSwap", ({ target }) => {
  if (preview.contains(target)) requestAnimationFrame(follow);
});

// Images and files

const dialog = document.querySelector("#alt-dialog");

function askWords() {
  return new Promise((answer) => {
    const field = dialog.querySelector("input");
    field.value = "";
    dialog.returnValue = "";
    dialog.showModal();
    field.focus();
    dialog.addEventListener("close", () => answer(dialog.returnValue ? field.value : null), { once: true });
  });
}

async function post(address, body) {
  body.set("csrf_token", token);
  const answer = await fetch(address, { method: "POST", body, headers: { "X-CSRFToken": token } });
  const said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
  if (!answer.ok) throw new Error(said.error ?? (answer.status === 413 ? words.large : words.failed));
  return said;
}

// A new article becomes a draft with its first file: the file needs a place.
async function home() {
  if (form.dataset.id) return form.dataset.id;
  const body = new FormData(form);
  body.delete("file");
  const draft = await post(form.dataset.drafts, body);
  form.dataset.id = draft.id;
  form.action = `/desk/kb/${draft.id}`;
  form.elements.base.value = draft.base;
  form.elements.slug.value = "";
  if (!form.elements.title.value) form.elements.title.value = draft.title;
  text.setAttribute("hx-post", `${text.getAttribute("hx-post").split("?")[0]}?id=${draft.id}`);
  window.htmx.process(text);
  form.dispatchEvent(new CustomEvent("begun", { detail: `article-${draft.id}` }));
  history.replaceState(null, "", `/desk/kb/${draft.id}`);
  return draft.id;
}

function tell(what, { isWrong = false } = {}) {
  told.classList.toggle("editor__told--wrong", isWrong);
  told.textContent = what;
}

async function upload(file) {
  const alt = file.type.startsWith("image/") ? await askWords() : "";
  if (alt === null) return;
  tell(words.sending);
  try {
    const body = new FormData();
    const id = await home();
    body.set("file", file, file.name || "image.png");
    body.set("alt", alt);
    const { markdown } = await post(`/desk/kb/${id}/files`, body);
    insert(markdown, { isBlock: true });
    tell(words.sent);
  } catch (fault) {
    tell(fault.message || words.failed, { isWrong: true });
  }
}

// A file that the article has already, put into the text once more.
async function insertAgain({ dataset }) {
  const alt = dataset.shown ? await askWords() : "";
  if (alt === null) return;
  const said = alt.trim().replace(/[[\]\\]/g, "\\$&") || dataset.name;
  insert(`${dataset.shown ? "!" : ""}[${said}](${dataset.address})`, { isBlock: true });
}

// What is being sent; who saves meanwhile waits for it, or the text would lack its image.
let sending = null;

async function uploadAll(files) {
  const before = sending;
  const mine = (async () => {
    await before;
    for (const file of files) await upload(file);
  })();
  sending = mine;
  await mine;
  if (sending === mine) sending = null;
}

form.addEventListener("submit", (event) => {
  if (!sending) return;
  event.preventDefault();
  sending.then(() => form.requestSubmit(event.submitter));
});

text.addEventListener("paste", (event) => {
  const files = [...event.clipboardData.files];
  // Text with a picture of itself, as office programs copy it, is text.
  if (!files.length || event.clipboardData.types.includes("text/plain")) return;
  event.preventDefault();
  uploadAll(files);
});
const box = form.querySelector(".editor__box");
box.addEventListener("dragover", (event) => {
  if (!event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  box.classList.add("is-over");
});
for (const sign of ["dragleave", "drop"]) box.addEventListener(sign, () => box.classList.remove("is-over"));
box.addEventListener("drop", (event) => {
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  uploadAll([...event.dataTransfer.files]);
});
document.querySelector("#file").addEventListener("change", ({ target }) => {
  const files = [...target.files];
  target.value = "";
  uploadAll(files);
});
