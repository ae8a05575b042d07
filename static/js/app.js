/* What the pages do beyond links and forms: dialogs, menus, the palette, keys, toasts, drafts, focus.
   No library, no eval, no inline code; every page works without this file. */
(() => {
  "use strict";
  const root = document.documentElement;
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const on = (name, act, where = document) => where.addEventListener(name, act);
  const typing = "input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable]";

  // buttons that only work with scripts, and the name of the command key here
  $$("[data-js]").forEach(each => (each.hidden = false));
  if (/Mac|iP(hone|ad)/.test(navigator.platform)) {
    $$("[data-mod]").forEach(each => (each.textContent = each.textContent.replace("Ctrl ", "⌘")));
  }

  // ---------------------------------------------------------------- toast: one at a time, ten seconds, undo
  const toast = $("[data-toast]"), waiting = [];
  let timer, acting;
  const next = () => {
    const { text, undo, label, see, act } = waiting.shift() || {};
    clearTimeout(timer);
    if (!text) return (toast.hidden = true);
    const form = $("form", toast), button = $("button", form);
    form.hidden = !(act || (undo && /^\/(?!\/)/.test(undo)));
    form.action = form.hidden || act ? "" : undo;
    acting = act;
    form.elements.next.value = location.pathname + location.search;
    button.dataset.usual ||= button.textContent;
    button.textContent = label || button.dataset.usual;
    const link = $("a", toast);
    link.hidden = !(see && /^\/(?!\/)/.test(see));
    if (!link.hidden) link.href = see;
    toast.hidden = false;
    $("span", toast).textContent = text;
    timer = setTimeout(next, 10000);
  };
  const say = told => {
    if (!toast) return;
    waiting.push(told);
    if (toast.hidden) next();
  };
  if (toast) {
    ["pointerenter", "focusin"].forEach(name => on(name, () => clearTimeout(timer), toast));
    ["pointerleave", "focusout"].forEach(name => on(name, () => (timer = setTimeout(next, 4000)), toast));
    $$("template[data-toast-text]").forEach(each => say({ text: each.content.textContent.trim(), undo: each.dataset.undo, see: each.dataset.see }));
    on("submit", event => {
      if (!acting) return;
      event.preventDefault();
      const act = acting;
      next();
      act();
    }, toast);
    on("toast-done", next);
    on("toast", event => {
      taken();
      waiting.unshift(event.detail);
      next();
    });
  }

  // ---------------------------------------------------------------- dialogs and menus
  const palette = $("#palette");
  const field = palette && $("input", palette);
  const show = dialog => {
    if (!dialog || dialog.open) return;
    dialog.showModal();
    if (dialog === palette) {
      field.select();
      field.dispatchEvent(new CustomEvent("palette-open"));
    } else if (!$("[autofocus]", dialog)) $("form :is(input:not([type=hidden]),select,textarea)", dialog)?.focus(); // not on Close
  };
  on("click", event => {
    const opener = event.target.closest("[data-open],[data-palette]");
    if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      const dialog = opener.dataset.open ? document.getElementById(opener.dataset.open) : palette;
      if (dialog) {
        event.preventDefault();
        show(dialog);
      }
    }
    if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
    if (event.target.matches("dialog")) event.target.close();
    $$("details.menu[open]").forEach(menu => menu.contains(event.target) || (menu.open = false));
  });
  on("focusout", event => {
    const menu = event.target.closest("details.menu[open]");
    const to = event.relatedTarget; // what holds the menu has the focus while a label in it is pressed
    if (menu && to && !menu.contains(to) && !to.contains(menu)) menu.open = false;
  });

  // the palette is a combobox: arrows choose, Enter opens, Ctrl or ⌘ with it in a new tab
  if (palette) {
    const results = $("#palette-results");
    const options = () => $$("[role=option]", results);
    const choose = option => {
      options().forEach(each => each.setAttribute("aria-selected", String(each === option)));
      if (option) {
        option.id ||= "option-" + options().indexOf(option);
        field.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      } else field.removeAttribute("aria-activedescendant");
    };
    const chosen = () => options().find(each => each.getAttribute("aria-selected") === "true");
    // Enter pressed before the finds for these words have come opens the first of them when they do.
    let enter = false;
    const upToDate = () => $("[data-words]", results)?.dataset.words === field.value.trim();
    const arrived = () => {
      choose(options()[0]);
      if (enter && upToDate()) chosen()?.click();
      enter = enter && !upToDate();
    };
    on("input", () => (enter = false), field);
    on("htmx:after:swap", () => chosen() || arrived(), results); // more that comes later leaves the choice alone
    on("htmx:after:swap", event => event.target === field && arrived());
    on("keydown", event => {
      const all = options(), at = all.indexOf(chosen());
      const to = { ArrowDown: (at + 1) % all.length, ArrowUp: (at - 1 + all.length) % all.length }[event.key];
      if (to !== undefined && all.length) {
        event.preventDefault();
        choose(all[to]);
      } else if (event.key === "ArrowRight" && chosen()?.dataset.more && field.selectionStart === field.value.length) {
        event.preventDefault(); // what can be done with it, instead of opening it
        htmx.ajax("GET", chosen().dataset.more + "&q=" + encodeURIComponent(field.value), { target: results });
      } else if (event.key === "ArrowLeft" && $("[data-acts]", results)) {
        event.preventDefault();
        field.dispatchEvent(new CustomEvent("palette-open"));
      } else if (event.key === "Enter" && !upToDate()) {
        event.preventDefault();
        enter = true;
      } else if (event.key === "Enter" && chosen()) {
        event.preventDefault();
        if (event.ctrlKey || event.metaKey) window.open(chosen().href, "_blank", "noopener");
        else chosen().click();
      }
    }, field);
  }

  // ---------------------------------------------------------------- keys
  const rows = () => $$("[data-row]").filter(row => row.offsetParent);
  const current = () => $("[data-row].is-on");
  const step = by => {
    const all = rows(), at = all.indexOf(current());
    if (!all.length) return;
    const to = all[Math.max(0, Math.min(all.length - 1, at + by))];
    all.forEach(row => row.classList.toggle("is-on", row === to));
    ($("[data-open-row]", to) || $(".row-t,th a,a", to) || to).focus();
    to.scrollIntoView({ block: "nearest" });
  };
  const press = element => {
    if (!element) return;
    if (element.matches("textarea,input")) element.focus();
    else element.click();
  };
  const inRow = { e: "[data-act=keep],.tick", r: "[data-act=renegotiate]", x: ".pick", n: "[data-act=nudge]" };
  let going = 0;
  on("keydown", event => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if ((event.ctrlKey || event.metaKey) && key === "k" && palette) {
      event.preventDefault();
      return show(palette);
    }
    if ((event.ctrlKey || event.metaKey) && key === "Enter" && event.target.form?.querySelector("[data-send]")) {
      event.preventDefault();
      return event.target.form.requestSubmit();
    }
    if (key === "Escape") {
      const menu = event.target.closest?.("details.menu[open]") || $("details.menu[open]");
      if (menu) {
        event.preventDefault(); // Escape closes the top thing only, not the dialog around it
        menu.open = false;
        $("summary", menu).focus();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || root.dataset.singleKeys === "off") return;
    if (event.target.closest?.(typing) || $("dialog[open]")) return;
    const act = () => {
      if (Date.now() - going < 1200) {
        going = 0;
        return $(`[data-go="${CSS.escape(key)}"]`);
      }
      if (key === "g") return void (going = Date.now());
      if (key === "j") return void step(1);
      if (key === "k") return void step(-1);
      if (key === "/") return $("[data-palette]");
      if (key === "z" && (!toast || toast.hidden || $("form", toast).hidden)) return;
      return (inRow[key] && current() && $(inRow[key], current())) || $(`main [data-key="${CSS.escape(key)}"]`) || $(`[data-key="${CSS.escape(key)}"]`);
    };
    const found = act();
    if (found) {
      event.preventDefault();
      press(found);
    }
  });
  on("focusin", event => {
    const row = event.target.closest("[data-row]");
    if (row) rows().forEach(each => each.classList.toggle("is-on", each === row));
  });

  // ---------------------------------------------------------------- choosing several: all on the page, shift for a span
  let last;
  const counted = list => {
    const picks = $$(".pick[name]", list), chosen = picks.filter(each => each.checked).length;
    const all = $(".pick[data-all]", list), bar = $("[data-bulk]", list.closest("form") || document);
    if (all) {
      all.checked = chosen > 0 && chosen === picks.length;
      all.indeterminate = chosen > 0 && chosen < picks.length;
    }
    if (bar) {
      bar.hidden = !chosen;
      $$("[data-chosen]", bar).forEach(each => (each.textContent = chosen));
    }
  };
  on("click", event => {
    const pick = event.target.closest?.(".pick"), list = pick?.closest("table,[data-list]");
    if (!list) return;
    const picks = $$(".pick[name]", list);
    if ("all" in pick.dataset) picks.forEach(each => (each.checked = pick.checked));
    else if (event.shiftKey && last) {
      const [from, to] = [picks.indexOf(last), picks.indexOf(pick)].sort((a, b) => a - b);
      if (from >= 0) picks.slice(from, to + 1).forEach(each => (each.checked = pick.checked));
    }
    last = pick;
    counted(list);
  });

  // ---------------------------------------------------------------- forms: send once, keep drafts
  on("submit", event => {
    const form = event.target, button = event.submitter;
    if (form.dataset.sent) return event.preventDefault();
    if (form.method !== "post" || form.hasAttribute("hx-post") || event.defaultPrevented) return;
    form.dataset.sent = "1";
    button?.setAttribute("aria-disabled", "true");
  });
  on("pageshow", () => {
    $$("form[data-sent]").forEach(form => delete form.dataset.sent);
    $$("[aria-disabled=true]").forEach(button => button.removeAttribute("aria-disabled"));
  }, window);

  // A draft is kept as it is typed and put back when the box comes back empty. Sending marks it; it goes when the
  // answer says that something worked. So a failed send, a closed tab or a dead battery lose nothing.
  const words = $("template[data-words]")?.dataset || {};
  const drafts = {
    read: key => { try { return JSON.parse(localStorage.getItem("draft:" + key)); } catch { return null; } },
    keep: (key, draft) => { try { localStorage.setItem("draft:" + key, JSON.stringify(draft)); } catch { /* full, or not allowed */ } },
    drop: key => { try { localStorage.removeItem("draft:" + key); } catch { /* not allowed */ } },
    keys: () => { try { return Object.keys(localStorage).filter(key => key.startsWith("draft:")).map(key => key.slice(6)); } catch { return []; } },
  };
  function taken() {
    drafts.keys().forEach(key => drafts.read(key)?.sent && drafts.drop(key));
  }
  const restore = area => {
    if (area.dataset.drafted) return;
    area.dataset.drafted = "1";
    const draft = drafts.read(area.dataset.draft);
    if (!draft?.text || area.value.trim()) return;
    area.value = draft.text;
    const note = document.createElement("p"), drop = document.createElement("button"), at = new Date(draft.at);
    const today = at.toDateString() === new Date().toDateString();
    note.className = "draft-note";
    note.textContent = `${words.draft} ${today ? at.toLocaleTimeString(root.lang, { timeStyle: "short" }) : at.toLocaleDateString(root.lang)} `;
    Object.assign(drop, { type: "button", className: "linklike", textContent: words.discard });
    on("click", () => {
      drafts.drop(area.dataset.draft);
      area.value = "";
      note.remove();
      area.focus();
    }, drop);
    note.append(drop);
    area.after(note);
  };
  on("input", event => {
    const { draft } = event.target.dataset || {};
    if (draft) event.target.value.trim() ? drafts.keep(draft, { text: event.target.value, at: Date.now() }) : drafts.drop(draft);
  });
  on("submit", event => {
    $$("[data-draft]", event.target).forEach(area => {
      if (area.value.trim()) drafts.keep(area.dataset.draft, { text: area.value, at: Date.now(), sent: true });
    });
  });
  const settle = () => $$("[data-draft]").forEach(restore);
  if ($("template[data-toast-text]")) taken();

  on("drafts", settle);

  // ---------------------------------------------------------------- the quick log: its file comes when it is wanted, or
  // when an entry written without a connection still waits to be sent
  const logging = $("#log-dialog"), quickLog = () => import(logging.dataset.script);
  on("click", event => {
    const link = event.target.closest("a[data-log]");
    if (!link || !logging || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (!logging.open) logging.showModal();
    $("textarea", logging).focus(); // what is typed before the box has come is kept
    quickLog().then(log => log.open(link.dataset.log, link.search));
  });
  on("keydown", event => { // sent before the box had come: it goes when it is there
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches("[data-early]")) return;
    event.preventDefault();
    logging.dataset.early = event.shiftKey ? "all" : "one";
  });
  try {
    if (logging && localStorage.getItem("unsent:" + logging.dataset.user)) quickLog();
    if (toast && localStorage.getItem("jobs")) import(toast.dataset.jobs);
  } catch { /* not allowed */ }

  // ---------------------------------------------------------------- focus after loading and after a swap
  const attend = within => {
    const summary = $("[data-error-summary]", within);
    if (summary) summary.focus();
    else if (within !== document) $("[data-focus]", within)?.focus();
  };
  const unfold = () => {
    const dialog = $("dialog[data-show]");
    if (dialog) {
      dialog.removeAttribute("data-show");
      show(dialog);
    }
  };
  settle();
  unfold();
  attend(document);
  on("htmx:after:swap", event => {
    unfold();
    settle();
    const target = event.detail?.ctx?.target;
    if (target instanceof Element) attend(target.isConnected ? target : document);
  });
  on("htmx:error", () => say({ text: words.failed }));

  // choosing in a select that filters sends the form, when the form says so
  on("change", event => {
    if (event.target.form?.hasAttribute("data-auto")) event.target.form.requestSubmit();
  });
})();
