/* Answers save themselves, one question at a time. What could not be sent is kept on this device and sent when the
   connection is back, also after the page was closed and opened again. The form works whole without this file.

   <form data-survey="KEY" data-save-url="…" data-saving="…" …>
     <… class="q" data-q="QUESTION" data-if="OTHER" data-if-at_most="6">…</…>
   A page with [data-survey-done="KEY"] forgets what was kept. */
(() => {
  "use strict";
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const kept = {
    read: key => { try { return JSON.parse(localStorage.getItem("survey:" + key)) || {}; } catch { return {}; } },
    write: (key, change) => { // read again each time: another tab keeps its answers in the same place
      try {
        const all = kept.read(key);
        change(all);
        if (Object.keys(all).length) localStorage.setItem("survey:" + key, JSON.stringify(all));
        else localStorage.removeItem("survey:" + key);
      } catch { /* full, or not allowed: the form can still be sent */ }
    },
    forget: key => { try { localStorage.removeItem("survey:" + key); } catch { /* nothing was kept */ } },
  };
  $$("[data-survey-done]").forEach(each => kept.forget(each.dataset.surveyDone));
  $("[data-error-summary]")?.focus();
  const form = $("form[data-survey]");
  if (!form) return;

  const { survey: key, saveUrl, saving, offline, unsaved, refused, back, waits, mine, more, less } = form.dataset;
  const questions = $$("[data-q]", form), status = $("[data-saved]"), bar = $("[data-prog]"), live = $("[data-live]");
  const waiting = $("[data-waiting]"), named = name => questions.find(each => each.dataset.q === name);
  const TYPED = /^(text|textarea|email|tel)$/, TICKED = /checkbox|radio/, PAUSES = [2, 5, 15];
  const queue = kept.read(key);
  let busy = false, closed = false, leaving = null, tries = 0, again = 0, wasKept = false;

  // ---------------------------------------------------------------- what stands in a question
  const fields = question => $$("input[name],textarea[name]", question).filter(each => each.type !== "hidden");
  const values = question => fields(question).filter(each => !TICKED.test(each.type) || each.checked).map(each => [each.name, each.value]);
  const putBack = (question, pairs) => fields(question).forEach(each => {
    if (TICKED.test(each.type)) each.checked = pairs.some(([name, value]) => name === each.name && value === each.value);
    else each.value = pairs.find(([name]) => name === each.name)?.[1] ?? "";
  });
  const mark = question => question && $("input[type=hidden][name^=w-]", question);

  // ---------------------------------------------------------------- what the page says
  const say = (words, trouble = false) => {
    if (status.textContent !== words) status.textContent = words;
    status.closest(".sv-saved").className = "sv-saved" + (trouble ? " is-trouble" : "");
  };
  const problem = (question, words, button) => {
    if (!question) return;
    const id = "e-" + question.dataset.q;
    let place = $("#" + CSS.escape(id), question);
    if (!words) {
      place?.remove();
      question.classList.remove("is-invalid");
      return question.removeAttribute("aria-describedby");
    }
    if (!place) {
      place = document.createElement("p");
      place.id = id;
      ($("legend", question) || $(".q-l", question)).after(place);
    }
    place.className = "invalid-feedback";
    place.setAttribute("role", "alert");
    place.replaceChildren(words, ...(button ? [" ", button] : []));
    question.classList.add("is-invalid");
    if (question.matches("fieldset")) question.setAttribute("aria-describedby", id);
  };

  // ---------------------------------------------------------------- questions that depend on another
  const applies = question => {
    const other = named(question.dataset.if), given = other ? values(other).filter(([name]) => name === "q-" + question.dataset.if).map(([, value]) => value) : null;
    if (!given) return true; // on another part: the server knows
    const { ifIs, ifAt_most: most, ifAt_least: least } = question.dataset;
    if (ifIs !== undefined) return given.includes(ifIs);
    const number = /^\d+$/.test(given[0] ?? "") ? Number(given[0]) : null;
    return number !== null && (most !== undefined ? number <= Number(most) : number >= Number(least));
  };
  const depend = (announce = true) => {
    for (const question of $$("[data-if]", form)) {
      const hide = !applies(question);
      if (question.hidden === hide) continue;
      question.hidden = hide;
      if (announce && live) live.textContent = hide ? less : more;
    }
  };
  const open = question => {
    const number = Number($("input[type=radio]:checked", question)?.value || NaN), low = Number(question.dataset.low);
    const words = $("details.more", question);
    if (words && ("reverse" in question.dataset ? number >= 10 - low : number <= low)) words.open = true;
  };

  // ---------------------------------------------------------------- saving
  const post = (name, entry, keepalive) => {
    const wait = new AbortController(), over = setTimeout(() => wait.abort(), 10000);
    const body = new URLSearchParams([
      ["question", name], ["lang", form.elements.lang?.value || ""],
      ["age", Math.max(0, Math.floor((Date.now() - entry.at) / 1000))],
      ["w-" + name, entry.mark], ["csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken?.value || ""], ...entry.pairs,
    ]);
    return fetch(saveUrl, { method: "POST", body, credentials: "same-origin", redirect: "error", keepalive, signal: wait.signal }).finally(() => clearTimeout(over));
  };
  const drop = (name, sent) => {
    if (queue[name]?.at === sent.at) delete queue[name];
    kept.write(key, all => { if (all[name]?.at === sent.at) delete all[name]; });
  };
  const keep = name => kept.write(key, all => (all[name] = queue[name]));
  const conflict = (name, entry, told) => {
    const question = named(name), stands = JSON.stringify(told.newer);
    if (entry.tried?.includes(stands)) { // our own save, whose answer never came back
      queue[name] = { ...(queue[name] || entry), mark: told.mark };
      return;
    }
    drop(name, entry);
    if (!question) return;
    if (mark(question)) mark(question).value = told.mark;
    putBack(question, told.newer);
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn-link", textContent: mine });
    button.addEventListener("click", () => { putBack(question, entry.pairs); problem(question); save(question); });
    problem(question, told.error, button);
    depend();
  };
  const send = async () => {
    if (busy || closed) return;
    busy = true;
    clearTimeout(again);
    let trouble = "", wrong = "", last = null;
    while (Object.keys(queue).length && !trouble) {
      const [name, entry] = Object.entries(queue)[0], question = named(name);
      try {
        const answer = await post(name, entry);
        const told = await answer.json().catch(() => ({}));
        if (answer.ok) {
          last = told;
          if (mark(question) && told.mark) mark(question).value = told.mark;
          if (queue[name] && queue[name].at !== entry.at && told.mark) queue[name].mark = told.mark;
          drop(name, entry);
          problem(question);
        } else if (answer.status === 409 && told.newer) conflict(name, entry, told);
        else if (answer.status === 422) {
          wrong = refused;
          drop(name, entry);
          problem(question, told.error || refused);
        } else if (answer.status < 500 && answer.status !== 429) {
          closed = true;
          trouble = told.error || refused;
        } else throw new Error("later");
      } catch {
        const tried = [...(entry.tried || []), JSON.stringify(entry.pairs)].slice(-5);
        if (queue[name]) { queue[name].tried = tried; keep(name); }
        trouble = navigator.onLine ? unsaved : offline;
        wasKept = true;
        again = setTimeout(send, 1000 * (PAUSES[tries++] ?? 15));
      }
    }
    busy = false;
    if (last) {
      bar?.setAttribute("width", (last.of ? (last.done / last.of) * 100 : 0) + "%");
      tries = 0;
    }
    if (trouble || wrong) say(trouble || wrong, true);
    else if (last) {
      say(last.saved);
      if (wasKept) live.textContent = back;
      wasKept = false;
    }
    if (leaving && leaving !== "left") closed || !trouble ? leave() : stay();
  };
  const note = question => {
    const name = question.dataset.q, before = queue[name];
    queue[name] = { pairs: values(question), at: Date.now(), mark: before?.mark ?? mark(question)?.value ?? "", tried: before?.tried };
    keep(name);
  };
  const save = question => {
    clearTimeout(timers.get(question));
    timers.delete(question);
    note(question);
    if (!navigator.onLine) { wasKept = true; return say(offline, true); }
    say(saving);
    return send();
  };

  const timers = new Map();
  form.addEventListener("input", event => {
    const question = event.target.closest("[data-q]");
    if (!question || !TYPED.test(event.target.type)) return;
    note(question);
    if (event.target.type !== "email" && !timers.has(question)) timers.set(question, setTimeout(() => save(question), 5000));
  });
  form.addEventListener("change", event => {
    const question = event.target.closest("[data-q]");
    if (!question) return;
    const most = Number(question.dataset.pick);
    if (most && $$("input[type=checkbox]:checked", question).length > most) {
      event.target.checked = false;
      return problem(question, question.dataset.pickFull);
    }
    problem(question);
    open(question);
    depend();
    save(question);
  });

  // ---------------------------------------------------------------- sending, and turning to another part
  const buttons = $$("button[name=go]", form);
  const leave = () => { // the whole form goes; what is wrong with it the server says in words
    const button = leaving;
    leaving = "left";
    buttons.forEach(each => each.removeAttribute("aria-disabled"));
    setTimeout(() => button.click()); // not within the event of the first press: a browser ignores that
  };
  const stay = () => {
    waiting.textContent = waits;
    waiting.hidden = false;
  };
  form.addEventListener("submit", event => {
    if (leaving === "left" || closed) return;
    event.preventDefault();
    if (leaving) return; // the second press
    leaving = event.submitter || buttons[0];
    buttons.forEach(each => each.setAttribute("aria-disabled", "true"));
    timers.forEach(clearTimeout);
    timers.clear();
    navigator.onLine ? send() : stay();
  });

  window.addEventListener("online", send);
  window.addEventListener("offline", () => say(offline, true));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") return Object.keys(queue).length && send();
    if (!busy && !closed) Object.entries(queue).forEach(([name, entry]) => post(name, entry, true).catch(() => {}));
  });

  // what was kept last time: shown again, and sent; the server says when something newer stands there
  Object.entries(queue).forEach(([name, entry]) => {
    if (!Array.isArray(entry?.pairs)) return delete queue[name];
    wasKept = true;
    named(name) && putBack(named(name), entry.pairs);
  });
  form.classList.add("js");
  $$(".q[data-low]", form).forEach(open);
  depend(false);
  if (!navigator.onLine) say(offline, true);
  else if (Object.keys(queue).length) send();
})();
