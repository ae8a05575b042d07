/* Answers save themselves, one question at a time. What could not be sent is kept on this device and sent when the
   connection is back. The form works whole without this file.

   <form data-survey="KEY" data-save-url="…" data-saving="…" data-saved="{n} of {total}, saved" data-unsaved="…" data-refused="…">
     <… class="q" data-q="QUESTION">…</…>
   A page with [data-survey-done="KEY"] forgets what was kept. */
(() => {
  "use strict";
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const kept = {
    read: key => { try { return JSON.parse(localStorage.getItem("survey:" + key)) || {}; } catch { return {}; } },
    write: (key, all) => {
      try {
        if (Object.keys(all).length) localStorage.setItem("survey:" + key, JSON.stringify(all));
        else localStorage.removeItem("survey:" + key);
      } catch { /* full, or not allowed: the form can still be sent */ }
    },
  };
  $$("[data-survey-done]").forEach(each => kept.write(each.dataset.surveyDone, {}));
  const form = $("form[data-survey]");
  if (!form) return;

  const { survey: key, saveUrl, saving, saved, unsaved, refused } = form.dataset;
  const questions = $$("[data-q]", form), status = $("[data-saved]"), bar = $("[data-prog]");
  let queue = kept.read(key), busy = false, closed = false;

  // ---------------------------------------------------------------- what stands in a question
  const fields = question => $$("input[name],textarea[name],select[name]", question).filter(each => each.type !== "hidden");
  const values = question => fields(question)
    .filter(each => !/checkbox|radio/.test(each.type) || each.checked)
    .map(each => [each.name, each.value]);
  const answered = question => fields(question).some(each => !("aside" in each.dataset) && (/checkbox|radio/.test(each.type) ? each.checked : each.value.trim()));
  const putBack = (question, pairs) => fields(question).forEach(each => {
    if (/checkbox|radio/.test(each.type)) each.checked = pairs.some(([name, value]) => name === each.name && value === each.value);
    else each.value = pairs.find(([name]) => name === each.name)?.[1] ?? "";
  });

  const say = words => {
    if (status && status.textContent !== words) status.textContent = words;
  };
  const progress = () => {
    const counted = questions.filter(question => fields(question).some(each => !("aside" in each.dataset)));
    const n = counted.filter(answered).length, total = counted.length;
    bar?.setAttribute("width", (total ? (n / total) * 100 : 0) + "%");
    return saved.replace("{n}", n).replace("{total}", total);
  };
  const open = question => {
    const low = Number(question.dataset.low), number = Number($("input[type=radio]:checked", question)?.value || NaN);
    const more = $("details.more", question);
    if (more && !Number.isNaN(low) && number <= low) more.open = true;
  };

  // ---------------------------------------------------------------- saving
  const post = async (name, pairs) => {
    const body = new URLSearchParams([["question", name], ["csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken?.value || ""], ...pairs]);
    return fetch(saveUrl, { method: "POST", body, credentials: "same-origin", signal: AbortSignal.timeout?.(10000) });
  };
  const send = async () => {
    if (busy || closed) return;
    busy = true;
    let trouble = "";
    while (Object.keys(queue).length && !trouble) {
      const [name, pairs] = Object.entries(queue)[0];
      const before = JSON.stringify(pairs);
      try {
        const answer = await post(name, pairs);
        if (answer.ok) {
          if (JSON.stringify(queue[name]) === before) delete queue[name];
          // what the page knew of the stored answer is old now: the whole form sends this one again
          const question = questions.find(each => each.dataset.q === name);
          if (question) $$("input[type=hidden]", question).forEach(each => (each.value = ""));
          kept.write(key, queue);
        } else if (answer.status < 500 && answer.status !== 429) {
          closed = [403, 404, 409, 410].includes(answer.status);
          trouble = refused;
          if (!closed) delete queue[name];
        } else trouble = unsaved;
      } catch {
        trouble = unsaved;
      }
    }
    busy = false;
    status?.closest(".sv-saved")?.classList.toggle("is-trouble", Boolean(trouble));
    say(trouble || progress());
  };
  const save = question => {
    queue[question.dataset.q] = values(question);
    kept.write(key, queue);
    progress();
    say(saving);
    send();
  };

  const timers = new Map();
  form.addEventListener("input", event => {
    const question = event.target.closest("[data-q]");
    if (!question || !/^(text|textarea|email|tel)/.test(event.target.type)) return;
    clearTimeout(timers.get(question));
    timers.set(question, setTimeout(() => save(question), 2000));
  });
  form.addEventListener("change", event => {
    const question = event.target.closest("[data-q]");
    if (!question) return;
    clearTimeout(timers.get(question));
    const most = Number(question.dataset.pick);
    if (most && $$("input[type=checkbox]:checked", question).length > most) {
      event.target.checked = false;
      return say(question.dataset.pickFull);
    }
    open(question);
    save(question);
  });
  window.addEventListener("online", send);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && Object.keys(queue).length && send());
  setInterval(() => Object.keys(queue).length && navigator.onLine && send(), 15000);

  // what was kept last time is newer than what the server knew
  questions.forEach(question => queue[question.dataset.q] && putBack(question, queue[question.dataset.q]));
  bar && progress();
  if (Object.keys(queue).length) send();
})();
