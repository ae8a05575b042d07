/* A promise from anywhere: a link with data-capture (P presses it) opens the dialog instead of the page. The chips come
   from the server as one types; which of them is open, and where the focus is, outlives their coming. */
(() => {
  "use strict";
  const dialog = document.getElementById("promise-dialog"), form = document.getElementById("capture");
  if (!form) return;
  const field = form.elements.text, parts = document.getElementById("capture-parts");
  const details = form.querySelector("[data-details]"), everything = details.getAttribute("href");
  const read = () => field.dispatchEvent(new CustomEvent("read"));

  document.addEventListener("click", event => {
    const link = event.target.closest("a[data-capture]");
    if (!link || !dialog || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    document.querySelectorAll("dialog[open]").forEach(each => each.close());
    form.elements.client.value = link.dataset.capture;
    details.href = everything + (link.dataset.capture && "?client=" + encodeURIComponent(link.dataset.capture));
    form.elements.next.value = location.pathname + location.search;
    dialog.showModal();
    field.focus();
    field.select();
    if (field.value || link.dataset.capture) read();
  });

  // Escape closes the top thing: an open chip first, then the dialog
  let inMenu = false;
  document.addEventListener("keydown", event => {
    if (event.key === "Escape") inMenu = Boolean(dialog?.querySelector("details[open]"));
  }, true);
  dialog?.addEventListener("cancel", event => {
    if (inMenu) event.preventDefault();
    inMenu = false;
  });

  // ---------------------------------------------------------------- what was open stays open
  let open = "", focused = "";
  form.addEventListener("htmx:before:swap", () => {
    open = parts.querySelector("details[open]")?.dataset.part || "";
    const at = document.activeElement;
    focused = parts.contains(at) ? at.id || (at.name && `[name="${at.name}"][value="${CSS.escape(at.value)}"]`) || "summary" : "";
  });
  form.addEventListener("htmx:after:swap", () => {
    const again = open && parts.querySelector(`details[data-part="${open}"]`);
    if (again) again.open = true;
    if (focused && again) {
      const at = document.getElementById(focused) || (focused.startsWith("[") && parts.querySelector(focused)) || again.querySelector("summary");
      at.focus();
    }
    const url = parts.querySelector("template[data-details-url]")?.dataset.detailsUrl;
    if (url) details.href = url;
    const asked = parts.querySelector("[role=alert]");
    field.toggleAttribute("aria-invalid", Boolean(asked?.id));
  });
})();
