/* A form page in a dialog: a link with data-sheet is read, its form stands in a dialog, and what it answers goes back to
   the page below. Without this file, with a middle click or when anything is unusual, the page opens as a page. */
(() => {
  "use strict";
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const words = () => $("template[data-sheet-words]")?.dataset || {};
  const say = told => told.text && document.body.dispatchEvent(new CustomEvent("toast", { detail: told, bubbles: true }));
  const parse = text => new DOMParser().parseFromString(text, "text/html");
  let dialog, opener, here;

  // what a page that was answered has to say, as it would have been said after loading it
  const tell = (page, see) => {
    const told = $$("template[data-toast-text]", page).map(each => ({ text: each.content.textContent.trim(), undo: each.dataset.undo, see: each.dataset.see || see }));
    const problems = $$("#main > .notice[role=alert]", page).map(each => ({ text: each.textContent.trim() }));
    [...problems, ...told].forEach(say);
    return told.length + problems.length;
  };

  const make = () => {
    dialog = document.createElement("dialog");
    dialog.className = "dlg sheet";
    dialog.setAttribute("aria-labelledby", "sheet-t");
    dialog.innerHTML = '<div class="dlg-h"><h2 id="sheet-t"></h2><button class="btn btn-quiet btn-icon" type="button" data-close></button></div><div class="dlg-b"></div>';
    const close = $("[data-close]", dialog);
    close.setAttribute("aria-label", words().close || "");
    close.innerHTML = $("dialog.dlg [data-close]")?.innerHTML || "×";
    dialog.addEventListener("close", () => opener?.isConnected && opener.focus());
    dialog.addEventListener("submit", send);
    dialog.addEventListener("click", event => {
      const link = event.target.closest("a");
      // “Cancel” leads back to where one is
      if (link && link.pathname === location.pathname && link.search === location.search) {
        event.preventDefault();
        dialog.close();
      }
    });
    document.body.append(dialog);
  };

  // ids of the page in the dialog must not meet those of the page below
  const apart = content => {
    $$("[id]", content).forEach(each => (each.id = "sheet-" + each.id));
    ["for", "aria-describedby", "aria-labelledby", "aria-controls", "list"].forEach(name => $$(`[${name}]`, content).forEach(each =>
      each.setAttribute(name, each.getAttribute(name).split(" ").map(id => "sheet-" + id).join(" "))));
    $$("a[href^='#']", content).forEach(each => (each.hash = "#sheet-" + each.hash.slice(1)));
  };

  // false when the page holds no form that fits in a dialog
  const fill = page => {
    const content = $("[data-sheet-body]", page) || $(".form-page", page);
    if (!content || !$("form[method=post]", content)) return false;
    if (!dialog) make();
    $$("head link[rel=stylesheet]", page).forEach(link => {
      if (!$(`link[href="${CSS.escape(link.getAttribute("href"))}"]`)) document.head.append(document.importNode(link, true));
    });
    const title = $("#main h1", page);
    $("#sheet-t", dialog).textContent = title?.textContent.trim() || "";
    if (content.contains(title)) title.remove();
    apart(content);
    const body = $(".dlg-b", dialog);
    body.replaceChildren(document.importNode(content, true));
    window.htmx?.process(body);
    if (!dialog.open) dialog.showModal();
    body.scrollTop = 0;
    ($("[data-error-summary],[data-sheet-focus]", body) || $("[autofocus],form :is(input:not([type=hidden],[type=radio],[type=checkbox]),select,textarea)", body) || $("form button", body))?.focus();
    return true;
  };

  const open = async link => {
    const url = new URL(link.href);
    if (!url.searchParams.has("next")) url.searchParams.set("next", location.pathname + location.search);
    opener = link.closest("details.menu")?.querySelector("summary") || link;
    here = url.href;
    try {
      const answer = await fetch(url), page = parse(await answer.text());
      const further = answer.redirected && $("[data-sheet-body]", page);
      if (further) here = answer.url;
      if ((answer.redirected && !further) || !answer.ok || !fill(page)) location.assign(link.href);
    } catch {
      say({ text: words().unsavedOther && $("[data-words]")?.dataset.failed });
    }
  };

  const trouble = () => {
    const form = $("form[method=post]", dialog);
    $(".sheet-err", dialog)?.remove();
    const line = document.createElement("p");
    line.className = "sheet-err";
    line.setAttribute("role", "alert");
    line.textContent = $("template[data-words]")?.dataset.failed || "";
    form.before(line);
    $$("[aria-disabled]", dialog).forEach(each => each.removeAttribute("aria-disabled"));
  };

  // what the act changed is drawn anew in its place; My day (day.js) and the timeline that was read further back keep
  // theirs, and nothing that is being typed is touched
  const redraw = async () => {
    const held = opener?.closest("[data-row]"), all = $$("main [data-row]"), at = all.indexOf(held);
    const answer = await fetch(location.href, { cache: "no-store" }), page = parse(await answer.text());
    if (!answer.ok || answer.redirected || !$("#main", page)) return;
    for (const section of $$("main .sec[id]")) {
      const next = page.getElementById(section.id), entries = within => $$("#tl > li", within).length;
      if (!next) section.id === "list" ? section.replaceWith(...$$("#main > .empty", page)) : section.remove();
      else if (entries(section) <= entries(next)) await window.htmx.swap({ target: section, text: next.outerHTML, swap: "outerMorph", sourceElement: section });
    }
    $$(".health", page).forEach(each => $(".health")?.replaceWith(document.importNode(each, true)));
    if (at < 0 || (document.activeElement && document.activeElement !== document.body)) return;
    const row = document.getElementById(held.id) || $$("main [data-row]")[Math.min(at, all.length - 2)];
    ($("[data-open-row]", row || document) || $("#main"))?.focus();
  };
  document.addEventListener("day-refresh", () => $("#day") || redraw().catch(() => location.reload()));

  const busy = new WeakSet();
  async function send(event) {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    event.preventDefault();
    if (busy.has(form)) return;
    busy.add(form);
    event.submitter?.setAttribute("aria-disabled", "true");
    const to = form.getAttribute("action") || here;
    try {
      const answer = await fetch(to, { method: "POST", body: new FormData(form, event.submitter) });
      const page = parse(await answer.text());
      if (answer.redirected && answer.ok && $("[data-sheet-body]", page)) {
        here = answer.url; // the next step of the same act, like a letter that was written and is to be read
        fill(page);
      } else if (answer.redirected && new URL(answer.url).pathname !== new URL(to, location).pathname) {
        dialog.close();
        const there = new URL(answer.url);
        if (!tell(page, there.pathname === location.pathname ? "" : there.pathname + there.search)) say({ text: words().done });
        document.body.dispatchEvent(new CustomEvent("day-refresh", { bubbles: true }));
      } else if (answer.status >= 500 || !fill(page)) trouble();
    } catch {
      trouble();
    } finally {
      busy.delete(form);
    }
  }

  document.addEventListener("click", event => {
    const link = event.target.closest?.("a[data-sheet]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || !("FormData" in window)) return;
    event.preventDefault();
    const menu = link.closest("details.menu");
    if (menu) menu.open = false;
    open(link);
  });

  window.sheetTell = (text, see) => tell(parse(text), see);
})();
