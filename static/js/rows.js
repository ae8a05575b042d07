/* Rows of a list, beyond what app.js does with every list: the bar of the ticked ones, ticks by Shift+J and Shift+K,
   and the chosen row that stays chosen when its line is drawn anew. And copying an address. */
(() => {
  "use strict";
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const list = $("[data-list]"), bar = $("[data-bulk]");

  // ---------------------------------------------------------------- the bar: only while something is ticked
  const picks = () => $$(".pick[name]", list);
  const whole = bar && $("[data-whole]", bar);
  const count = () => {
    const all = picks(), chosen = all.filter(each => each.checked).length, head = $(".pick[data-all]", list);
    head.checked = chosen > 0 && chosen === all.length;
    head.indeterminate = chosen > 0 && chosen < all.length;
    bar.hidden = !chosen;
    $("[data-chosen]", bar).textContent = chosen;
    if (whole) {
      // everything that matches is offered once everything on the page is chosen
      whole.hidden = !head.checked;
      if (whole.hidden) $("input", whole).checked = false;
    }
  };
  if (list && bar) {
    count();
    addEventListener("pageshow", count);
    list.addEventListener("click", event => event.target.closest(".pick") && setTimeout(count));
    bar.addEventListener("reset", () => setTimeout(count));
  }

  // ---------------------------------------------------------------- Shift with J or K ticks on the way
  const current = () => $("[data-row].is-on");
  const off = event => document.documentElement.dataset.singleKeys === "off" || event.ctrlKey || event.metaKey || event.altKey
    || event.target.closest?.("input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable]") || $("dialog[open]");
  let left;
  document.addEventListener("keydown", () => (left = current()), true);
  document.addEventListener("keydown", event => {
    if (!event.shiftKey || !/^[jk]$/i.test(event.key) || off(event)) return;
    [left, current()].forEach(row => {
      const pick = row && $(".pick", row);
      if (pick && !pick.checked) pick.click();
    });
  });

  // ---------------------------------------------------------------- a row drawn anew is still the chosen one
  let redrawn = "";
  document.addEventListener("htmx:before:request", event => {
    const row = event.target.closest?.("[data-row]");
    redrawn = row?.classList.contains("is-on") ? row.id : "";
  });
  document.addEventListener("htmx:after:swap", () => {
    const row = redrawn && document.getElementById(redrawn);
    redrawn = "";
    if (!row || row.classList.contains("is-on")) return;
    row.classList.add("is-on");
    $("[data-open-row]", row)?.focus();
  });

  // ---------------------------------------------------------------- an address to copy
  document.addEventListener("click", async event => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try { await navigator.clipboard.writeText(field.value); } catch { return; } // it stands selected
    button.textContent = button.dataset.copied;
  });
})();
