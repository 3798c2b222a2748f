/* Small courtesies of every page: messages that can be put away, a form sent once, the first error in view. */

// htmx tells of every part that enters the page, the whole page first.
document.addEventListener("htmx:load", ({ target }) => {
  for (const button of target.querySelectorAll("[data-dismiss]")) button.hidden = false;
  for (const button of target.querySelectorAll("[data-without-script]")) button.hidden = true;
  for (const box of target.querySelectorAll("[data-file]")) dress(box);
  target.querySelector('[aria-invalid="true"]')?.focus();
});

// The browser's control for files speaks the browser's language: it works on, under a face that speaks the page's.
function dress(box) {
  const [input, names] = [box.querySelector("input"), box.querySelector(".file__names")];
  const tell = () => (names.textContent = [...input.files].map((file) => file.name).join(", ") || names.dataset.none);
  box.querySelector(".file__face").hidden = false;
  input.addEventListener("change", tell);
  input.form?.addEventListener("reset", () => setTimeout(tell));
  tell();
}

document.addEventListener("click", ({ target }) => {
  target.closest("[data-dismiss]")?.closest("[data-flash]").remove();
});

// A second press while the first is on its way would send twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) event.preventDefault();
  else form.dataset.sent = "yes";
});

// Coming back with the back button finds the form as it was: it may be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// A list that is chosen from sends its form at once; without a script, its button does.
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-sends]")) target.form.requestSubmit();
});
