/* A concern: one more row of promises, and the sheet's print button. */
(() => {
  for (const rows of document.querySelectorAll("[data-rows]")) {
    const total = rows.querySelector(`[name="${rows.dataset.rows}-TOTAL_FORMS"]`);
    const most = Number(rows.querySelector(`[name="${rows.dataset.rows}-MAX_NUM_FORMS"]`).value);
    const all = () => rows.querySelectorAll(".air-row");
    if (!total || !all().length) continue;
    const more = document.createElement("button");
    more.type = "button";
    more.className = "btn btn-sm";
    more.textContent = rows.dataset.more || "+";
    rows.append(more);
    more.addEventListener("click", () => {
      const n = all().length, last = all()[n - 1], row = last.cloneNode(true);
      for (const el of row.querySelectorAll("[id],[name],[for]")) {
        for (const name of ["id", "name", "for"]) {
          const value = el.getAttribute(name);
          if (value) el.setAttribute(name, value.replace(`${rows.dataset.rows}-${n - 1}-`, `${rows.dataset.rows}-${n}-`));
        }
        el.removeAttribute("aria-invalid");
        el.classList.remove("is-invalid");
        if (el.matches("input") && el.name) el.value = el.name.endsWith("-key") ? crypto.randomUUID() : "";
      }
      for (const words of row.querySelectorAll(".invalid-feedback")) words.remove();
      last.after(row);
      total.value = n + 1;
      more.hidden = n + 1 >= most;
      row.querySelector("input:not([type=hidden])").focus();
    });
  }
  const print = document.querySelector("[data-print]");
  if (print) { print.hidden = false; print.addEventListener("click", () => window.print()); }
})();
