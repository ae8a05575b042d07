/* The quick log: the button says what will be logged, and after a save by htmx the box is empty and has the focus.
   Ctrl or ⌘ with Enter sends (app.js, from any field of a form with data-send); suggestions are asked for by htmx attributes. */
(() => {
  "use strict";
  const label = form => {
    const kind = form.querySelector("input[data-send-label]:checked"), words = form.querySelector("[data-send-words]");
    if (kind && words) words.textContent = kind.dataset.sendLabel;
  };
  document.querySelectorAll("form.composer").forEach(label);
  document.addEventListener("change", event => {
    const form = event.target.form;
    if (form?.classList.contains("composer")) label(form);
  });
  document.addEventListener("htmx:after:request", event => {
    const form = event.target.closest?.("form.composer"), status = event.detail?.ctx?.response?.status;
    if (!form || event.target !== form || !(status >= 200 && status < 300)) return;
    form.reset();
    label(form);
    form.querySelectorAll("[data-found]").forEach(each => each.replaceChildren());
    form.querySelector("textarea")?.focus();
  });
})();
