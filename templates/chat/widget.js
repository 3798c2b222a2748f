{# Puts a button and the chat's frame on a page of any site. Takes: words (open, close, title). -#}
/* One script tag: <script src="…/widget.js" defer></script>. All styles are set through the object model,
   so a page with a strict policy needs to allow this script and its frame, nothing else. */
(() => {
  const words = {{ words | tojson }};
  const script = document.currentScript;
  if (!script || document.getElementById("helpdesk-chat")) return;
  const site = new URL(script.src).origin;
  const side = script.dataset.side === "left" ? "left" : "right";
  const narrow = matchMedia("(max-width: 480px)");

  const box = document.createElement("div");
  box.id = "helpdesk-chat";
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  Object.assign(button.style, {
    position: "fixed", bottom: "20px", [side]: "20px", zIndex: "2147483000", minHeight: "48px", padding: "0 20px",
    border: "0", borderRadius: "24px", background: "#3d52c4", color: "#fff", cursor: "pointer",
    font: "600 16px/1.2 system-ui, 'Hiragino Sans', 'Noto Sans JP', sans-serif", boxShadow: "0 4px 16px #0003",
  });
  button.textContent = words.open;
  box.append(button);
  let frame;

  function place() {
    const whole = narrow.matches;
    Object.assign(frame.style, {
      position: "fixed", zIndex: "2147483000", border: "0", background: "transparent", colorScheme: "normal",
      bottom: "84px", [side]: whole ? "0" : "20px",
      width: whole ? "100%" : "400px", height: whole ? "calc(100% - 84px)" : "min(640px, calc(100% - 104px))",
      borderRadius: whole ? "0" : "14px", boxShadow: "0 12px 40px #0004",
    });
  }

  function build() {
    frame = document.createElement("iframe");
    frame.title = words.title;
    const page = encodeURIComponent(location.origin + location.pathname);
    frame.src = `${site}/chat?embedded=1&page=${page}`;
    place();
    narrow.addEventListener("change", place);
    box.prepend(frame);
  }

  function show(isOpen) {
    if (isOpen && !frame) build();
    frame.hidden = !isOpen;
    frame.style.display = isOpen ? "block" : "none";
    button.setAttribute("aria-expanded", String(isOpen));
    button.textContent = isOpen ? words.close : words.open;
    (isOpen ? frame : button).focus();
  }

  button.addEventListener("click", () => show(button.getAttribute("aria-expanded") !== "true"));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && frame && !frame.hidden) show(false);
  });
  document.body.append(box);
})();
