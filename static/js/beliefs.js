/* What we believe, quickly: digits choose, and what is chosen is kept as a draft. The form works whole without this.

   It is posted to the page it stands on. <form data-belief-draft data-keeping="…" data-kept="… {time}" data-unkept="…">
     <fieldset data-belief-q>…radio 0 to 10, na…</fieldset>
   A form without data-belief-draft (recorded already) has the keys only. */
(() => {
  "use strict";
  const questions = [...document.querySelectorAll("[data-belief-q]:not([disabled])")];
  const form = questions[0]?.closest("form");
  if (!form) return;
  document.documentElement.classList.add("has-script");

  // ---------------------------------------------------------------- drafts
  const state = document.querySelector("[data-belief-state]");
  const { keeping, kept, unkept } = form.dataset;
  const drafts = "beliefDraft" in form.dataset;
  let timer = 0, changed = false, leaving = false;
  const body = () => {
    const data = new URLSearchParams(new FormData(form));
    data.set("action", "autosave");
    return data;
  };
  const keep = async () => {
    if (!changed || leaving) return;
    changed = false;
    if (state) state.textContent = keeping;
    try {
      const answer = await fetch(location.pathname, { method: "POST", body: body(), credentials: "same-origin" });
      if (answer.status === 409) return location.reload(); // sealed or recorded meanwhile: show how it stands
      if (!answer.ok) throw new Error(answer.status);
      const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      if (state) state.textContent = kept.replace("{time}", time);
    } catch {
      changed = true;
      if (state) state.textContent = unkept;
    }
  };
  if (drafts) {
    const later = wait => { changed = true; clearTimeout(timer); timer = setTimeout(keep, wait); };
    form.addEventListener("change", () => later(300));
    form.addEventListener("input", () => later(1500));
    form.addEventListener("submit", () => { leaving = true; clearTimeout(timer); });
    addEventListener("pagehide", () => { if (changed && !leaving) navigator.sendBeacon(location.pathname, body()); });
  }

  // ---------------------------------------------------------------- keys
  let before = null; // the question just answered with a 1, which a 0 makes ten
  const now = () => questions.find(each => each.contains(document.activeElement)) || null;
  const choose = (question, value) => {
    const radio = question.querySelector(`input[value="${value}"]`);
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const go = question => {
    const next = questions[questions.indexOf(question) + 1];
    const target = next ? next.querySelector("input:checked") || next.querySelector("input") : form.querySelector("textarea");
    target?.focus();
    target?.scrollIntoView({ block: "center" });
  };
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    if (event.target.tagName === "INPUT" && event.target.type !== "radio") return;
    if (!/^[0-9-]$/.test(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "0" && before && event.timeStamp - before.at < 900) {
      choose(before.question, 10);
      before = null;
      return;
    }
    const question = now() || questions.find(each => !each.querySelector("input:checked")) || questions[0];
    choose(question, event.key === "-" ? "na" : event.key);
    before = event.key === "1" ? { question, at: event.timeStamp } : null;
    go(question);
  }, true);
})();
