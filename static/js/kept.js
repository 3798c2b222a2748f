/* What was written in the editor and not saved: kept in this browser, offered again when the page is opened anew, and asked
   about before it is left. All fields of #article-form count, those beside the text too; files cannot be kept.
   data-keeps names the draft, data-saved those that a save has just taken in, data-answered a form that was refused. */

const form = document.querySelector("#article-form");
const text = form.querySelector("#body");
const notice = document.querySelector("#kept-draft");
const key = () => `draft:${form.dataset.keeps}`;
const isAnswered = "answered" in form.dataset;
const fields = () => [...form.elements].filter((each) => each.name && !["csrf_token", "then"].includes(each.name) && each.type !== "file");

// Of each name its value, or those that are ticked. isFirst: as the page came, whatever the browser filled in since.
function filled({ isFirst = false } = {}) {
  const found = {};
  for (const each of fields()) {
    if (each.type === "checkbox") {
      found[each.name] ??= [];
      if (isFirst ? each.defaultChecked : each.checked) found[each.name].push(each.value);
    } else if (each.type === "select-one" && isFirst) {
      found[each.name] = ([...each.options].find((option) => option.defaultSelected) ?? each.options[0])?.value ?? "";
    } else found[each.name] = isFirst ? each.defaultValue : each.value;
  }
  return found;
}

// Saving trims blanks and line ends: texts that differ by those alone are the same.
const bare = (value) => (Array.isArray(value) ? value.join() : value.replaceAll("\r\n", "\n").trim());
const isHidden = (name) => form.elements[name]?.type === "hidden";
const isSame = (one, other) => Object.keys(one).every((name) => isHidden(name) || bare(one[name]) === bare(other[name] ?? one[name]));

let sent = filled({ isFirst: true });
const isUnsaved = () => isAnswered || !isSame(filled(), sent);

function kept(name) {
  try {
    const draft = JSON.parse(localStorage.getItem(name));
    return draft?.fields ? draft : null;
  } catch {
    return null;
  }
}

function keep() {
  clearTimeout(waiting);
  waiting = 0;
  if (isUnsaved()) localStorage.setItem(key(), JSON.stringify({ fields: filled(), at: Date.now() }));
  else localStorage.removeItem(key());
}

let waiting = 0;
function keepSoon({ target }) {
  if (target.form !== form || target.type === "file") return;
  clearTimeout(waiting);
  waiting = setTimeout(keep, 500);
}
// Fields outside the form belong to it too: what they tell does not pass through it.
document.addEventListener("input", keepSoon);
document.addEventListener("change", keepSoon);
addEventListener("pagehide", () => {
  if (waiting) keep();
});

let isSending = false;
document.addEventListener("submit", (event) => {
  if (event.target === form) isSending = !event.defaultPrevented;
});
addEventListener("pageshow", () => (isSending = false));
addEventListener("beforeunload", (event) => {
  if (!isSending && isUnsaved()) event.preventDefault();
});

// With its first image a new article has become a draft of its own.
form.addEventListener("begun", ({ detail }) => {
  localStorage.removeItem(key());
  form.dataset.keeps = detail;
  sent = filled();
});

for (const name of (form.dataset.saved ?? "").split(" ")) localStorage.removeItem(`draft:${name}`);
const draft = kept(key());
if (draft && isSame(draft.fields, sent)) localStorage.removeItem(key());
else if (draft && !isAnswered) {
  const time = notice.querySelector("time");
  const isJapanese = document.documentElement.lang === "ja";
  const looks = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hour12: false };
  if (isJapanese) looks.weekday = "short";
  const at = new Date(draft.at).toLocaleString(isJapanese ? "ja-JP" : "en-GB", { ...looks, timeZone: time.dataset.zone });
  time.dateTime = new Date(draft.at).toISOString();
  time.textContent = at.replace(",", "").replace("Sept", "Sep");
  notice.hidden = false;
}

function restore() {
  for (const each of fields()) {
    const value = draft.fields[each.name];
    if (value === undefined) continue;
    // Hidden ones too: saved against what it was written upon, it is put together with what came between.
    if (each.type === "checkbox") each.checked = value.includes(each.value);
    else each.value = value;
  }
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

notice.addEventListener("click", ({ target }) => {
  const what = target.closest("[data-kept]")?.dataset.kept;
  if (!what) return;
  if (what === "restore") restore();
  else localStorage.removeItem(key());
  notice.hidden = true;
  text.focus();
});
