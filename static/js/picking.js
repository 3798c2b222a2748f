/* Changing many articles at once: the bar of changes comes with the first tick, counts, and stays in view; one box ticks all.
   Without a script the bar always stands under the list. */

const list = document.querySelector("#many");
const all = list?.querySelector("[data-picks-all]");

function told() {
  const boxes = [...list.querySelectorAll("[name=id]")];
  const count = boxes.filter((box) => box.checked).length;
  const bar = list.querySelector("#many-changes");
  const counted = bar.querySelector("[data-picked]");
  bar.hidden = !count;
  counted.hidden = false;
  counted.textContent = counted.dataset.picked.replace("{}", count);
  all.checked = count === boxes.length;
  all.indeterminate = count > 0 && count < boxes.length;
}

if (list) {
  all.hidden = false;
  list.addEventListener("change", ({ target }) => {
    if (target === all) for (const box of list.querySelectorAll("[name=id]")) box.checked = all.checked;
    told();
  });
  // Coming back, the browser may have kept the ticks.
  addEventListener("pageshow", told);
}
