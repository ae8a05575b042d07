/* My day while it is looked at: it asks for itself again on focus and every minute, and takes over what changed without
   moving what is under the hand. Ticks fill at once and spring back when they did not save; acts and undo stay here. */
(() => {
  "use strict";
  const EVERY = 60_000, AT_LEAST = 4_000;
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const day = () => $("#day");
  const words = () => $("[data-day-words]").dataset;
  const say = told => document.body.dispatchEvent(new CustomEvent("toast", { detail: told, bubbles: true }));
  const rowsOf = within => $$("#day-lists [data-row][id]", within);
  if (!day()) return;

  // ---------------------------------------------------------------- asking again
  let asked = Date.now(), asking = null, fresh = null;
  const stale = is => ($("[data-stale]").hidden = !is);
  const read = async () => {
    const answer = await fetch(location.href, { headers: { "HX-Request": "true" }, cache: "no-store", signal: AbortSignal.timeout(20_000) });
    const page = answer.ok && !answer.redirected && new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page || !$("#day", page)) throw new Error("no day");
    return page;
  };
  const refresh = () => {
    asking ||= (async () => {
      asked = Date.now();
      try {
        fresh = await read();
        await take(fresh);
        stale(false);
      } catch {
        stale(true);
      } finally {
        asking = null;
      }
    })();
    return asking;
  };

  // ---------------------------------------------------------------- taking over what changed
  const morph = (target, text) => window.htmx.swap({ target, text, swap: "outerMorph", sourceElement: target });
  const held = element => element.contains(document.activeElement) && document.activeElement.matches("input:not([type=hidden]),textarea,select");
  const menuOpen = element => $("details[open]", element);

  async function take(page) {
    const now = new Map(rowsOf(page).map(row => [row.id, row])), chosen = $("[data-row].is-on")?.id, gone = [];
    await morph($("#day-head"), $("#day-head", page).outerHTML);
    for (const row of rowsOf(document)) {
      const next = now.get(row.id), ticked = row.classList.contains("is-done");
      if (menuOpen(row) || held(row) || $("[aria-busy=true]", row)) continue;
      if (next) {
        row.classList.remove("is-gone");
        await morph(row, next.outerHTML);
        document.getElementById(row.id)?.classList.toggle("is-on", row.id === chosen);
      } else if (!ticked && !row.classList.contains("is-gone")) gone.push(settle(row));
    }
    if (gone.length) who(gone);
    // counts of the sections that stand here and there
    $$("#day-lists .sec[id]").forEach(section => {
      const count = $(".sec-h .n", section), next = $(`#${CSS.escape(section.id)} .sec-h .n`, page);
      if (count && next) count.textContent = next.textContent;
    });
    const added = [...now.keys()].filter(id => !document.getElementById(id)).length;
    const button = $("[data-new]");
    button.textContent = added === 1 ? words().newOne : words().newMany.replace("%n", added);
    button.hidden = !added;
    const rail = $("#day-rail");
    if (!rail.matches(":hover") && !rail.contains(document.activeElement)) await morph(rail, $("#day-rail", page).outerHTML);
    count(page);
  }

  // settled elsewhere: it stays where it is, and says so, until the list is loaded anew
  const settle = row => {
    row.classList.add("is-done", "is-gone");
    const due = $(".due", row);
    if (due) due.textContent = words().gone;
    if (row.contains(document.activeElement)) $("[data-open-row]", row)?.focus({ preventScroll: true });
    $$(".row-a,.row-m", row).forEach(each => each.replaceChildren());
    $(".tick", row)?.replaceWith(Object.assign(document.createElement("span"), { className: "tick" }));
    return row;
  };

  // … and by whom: oneself in another tab, or a colleague
  const who = async gone => {
    try {
      const answer = await fetch(`${words().settled}?${gone.map(row => "id=" + encodeURIComponent(row.id)).join("&")}`);
      const said = answer.ok && !answer.redirected ? await answer.json() : {};
      gone.forEach(row => said[row.id] && ($(".due", row).textContent = said[row.id]));
    } catch { /* that it is settled stands there */ }
  };

  const count = page => {
    const said = $("#day", page).dataset.count;
    $$('.nav-a[href="/"]').forEach(link => {
      const mark = $(".n", link);
      if (mark) mark.textContent = said;
      else if (said) link.append(Object.assign(document.createElement("span"), { className: "n", textContent: said }));
    });
  };

  // everything anew, where somebody asked for it; the chosen row stays chosen
  const showAll = async () => {
    const chosen = $("[data-row].is-on")?.id;
    try {
      fresh = await read();
    } catch {
      if (!fresh) return stale(true);
    }
    await morph(day(), $("#day", fresh).outerHTML);
    const row = (chosen && document.getElementById(chosen)) || rowsOf(document)[0];
    row?.classList.add("is-on");
    ($("[data-open-row]", row || document) || $("#main")).focus({ preventScroll: true });
  };

  document.addEventListener("click", event => {
    if (event.target.closest("[data-refresh]")) refresh();
    if (event.target.closest("[data-new]")) showAll();
  });
  const due = () => document.visibilityState === "visible" && Date.now() - asked > AT_LEAST && refresh();
  addEventListener("focus", due);
  document.addEventListener("visibilitychange", due);
  setInterval(() => document.visibilityState === "visible" && Date.now() - asked > EVERY - 1000 && refresh(), Math.min(EVERY, 5000));
  document.addEventListener("day-refresh", refresh);

  // ---------------------------------------------------------------- ticks: filled at once, back when it did not save
  const tickOf = event => event.target.closest?.("#day form") && $("[data-act=keep]", event.target.closest("form"));
  document.addEventListener("htmx:before:request", event => {
    const tick = tickOf(event);
    if (!tick) return;
    tick.setAttribute("aria-pressed", "true");
    tick.setAttribute("aria-busy", "true");
  });
  const back = event => {
    const form = event.target.closest?.("#day form"), tick = form && $("[data-act=keep]", form);
    if (!form) return;
    event.stopPropagation(); // the usual words of app.js would say it a second time
    tick?.setAttribute("aria-pressed", "false");
    tick?.removeAttribute("aria-busy");
    const promise = form.closest("[data-row]")?.querySelector(".tick");
    say({ text: promise && !form.closest(".req") ? words().unsaved : words().unsavedOther, label: words().again, act: () => form.isConnected && form.requestSubmit() });
  };
  // before app.js hears of it, which listens at the document
  document.body.addEventListener("htmx:error", back);
  document.body.addEventListener("htmx:before:response", event => {
    const { status, raw } = event.detail?.ctx?.response || {};
    if (!event.target.closest?.("#day form") || !(status >= 400 || raw?.redirected)) return;
    event.preventDefault(); // no page belongs into a row
    back(event);
  });
  let soon;
  document.addEventListener("htmx:after:swap", event => {
    if (!event.target.closest?.("#day") || asking) return;
    clearTimeout(soon);
    soon = setTimeout(refresh, 600);
  });

  // ---------------------------------------------------------------- plain forms of the page, and Undo: sent from here
  const sendFrom = async form => {
    const submitter = $("[aria-disabled]", form);
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body: new FormData(form) });
      if (!answer.ok) throw new Error(answer.status);
      window.sheetTell(await answer.text());
      await refresh();
    } catch {
      say({ text: $("template[data-words]").dataset.failed, label: words().again, act: () => sendFrom(form) });
    } finally {
      submitter?.removeAttribute("aria-disabled");
    }
  };
  document.addEventListener("submit", event => {
    const form = event.target, ofToast = form.closest("[data-toast]");
    if (form.method !== "post" || form.hasAttribute("hx-post") || event.defaultPrevented || !(ofToast || form.closest("#day"))) return;
    if (!form.getAttribute("action")) return;
    event.preventDefault();
    const copy = form.cloneNode(true);
    if (ofToast) {
      // its row is this row again: the one with the same undo
      const action = form.getAttribute("action"), same = $$("#day [data-row] form[hx-post]").find(each => each.getAttribute("hx-post") === action);
      document.body.dispatchEvent(new CustomEvent("toast-done", { bubbles: true }));
      if (same) return same.requestSubmit();
    }
    sendFrom(copy);
  }, true);
})();
