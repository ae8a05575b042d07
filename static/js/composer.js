/* The quick log, in the page and in the dialog. Ctrl or ⌘ with Enter saves, with Shift it adds every promise found.
   What is saved stands in a queue of this browser until the server has said yes: without a connection, after a closed
   tab or a new sign-in it is sent again under the same key, so it is logged once. Files go up as they are chosen. */
const dialog = document.getElementById("log-dialog");
const user = dialog?.dataset.user || "";
const QUEUE = "unsent:" + user;
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const kept = {
  read: key => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
  write: (key, value) => {
    try { value && (!Array.isArray(value) || value.length) ? localStorage.setItem(key, JSON.stringify(value)) : localStorage.removeItem(key); } catch { /* full, or not allowed */ }
  },
};
const uuid = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return [...bytes].map(byte => byte.toString(16).padStart(2, "0")).join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};
const area = form => form.elements.body;
const draftOf = form => area(form).dataset.draft;
const reread = form => area(form).dispatchEvent(new CustomEvent("read"));
const boxes = () => $$("form[data-composer]");

// ------------------------------------------------------------------ what the button says, and keys of a Mac
const label = form => {
  const kind = $("input[data-send-label]:checked", form), words = $("[data-send-words]", form);
  if (kind && words) words.textContent = kind.dataset.sendLabel;
};
const dress = form => {
  $$("[data-js]", form).forEach(each => (each.hidden = false));
  if (/Mac|iP(hone|ad)/.test(navigator.platform)) {
    $$("[data-mod]", form).forEach(each => (each.textContent = each.textContent.replace("Ctrl ", "⌘")));
  }
  label(form);
};

// ------------------------------------------------------------------ drafts: a second tab never writes over a first
const settle = form => {
  const key = draftOf(form);
  try {
    const other = !localStorage.getItem("draft:" + key) && Object.keys(localStorage).find(each => each.startsWith(`draft:${key}+`));
    if (other) area(form).dataset.draft = other.slice(6);
  } catch { /* not allowed */ }
  document.dispatchEvent(new CustomEvent("drafts"));
  const files = $("[data-files]", form);
  (kept.read("files:" + draftOf(form)) || []).forEach(([id, words]) => {
    if ($(`[value="${CSS.escape(id)}"]`, files)) return;
    const line = document.createElement("label"), tick = document.createElement("input");
    Object.assign(tick, { type: "checkbox", name: "attachment", value: id, checked: true });
    line.className = "file";
    line.append(tick, " " + words);
    files.append(line);
  });
  if (area(form).value.trim()) reread(form);
};
const forget = key => {
  ["draft:", "files:"].forEach(kind => kept.write(kind + key, null));
};
addEventListener("storage", event => {
  boxes().filter(form => event.key === "draft:" + draftOf(form) && area(form).value.trim()).forEach(form => {
    let was = {}, now = null;
    try { [was, now] = [JSON.parse(event.oldValue) || {}, JSON.parse(event.newValue)]; } catch { return; }
    if (!now && was.text === area(form).value) area(form).value = ""; // logged or discarded there
    else if (now && now.text !== area(form).value) area(form).dataset.draft += "+" + uuid().slice(0, 8);
  });
});

// ------------------------------------------------------------------ sending, and sending again
const queue = () => kept.read(QUEUE) || [];
const inQueue = item => kept.write(QUEUE, [...queue().filter(each => each.key !== item.key), item]);
const outOfQueue = item => kept.write(QUEUE, queue().filter(each => each.key !== item.key));
let token = "";
const fresh = async () => {
  const page = await fetch(dialog.dataset.form + "?at=dlog");
  if (!page.ok || page.redirected) return false;
  token = /name="csrfmiddlewaretoken" value="(\w+)"/.exec(await page.text())?.[1] || token;
  return true;
};
const post = async (item, again = true) => {
  token ||= $("[name=csrfmiddlewaretoken]")?.value || "";
  const body = new FormData();
  [...item.fields, ["writer", user]].forEach(([name, value]) => body.append(name, value));
  try {
    const answer = await fetch(item.url, {
      method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": token }, signal: AbortSignal.timeout(20000),
    });
    if (answer.redirected || answer.status === 409) return { state: "signedOut" };
    if (answer.status === 403) return again && (await fresh()) ? post(item, false) : { state: "signedOut" };
    if (answer.ok) return { state: "saved", ...(await answer.json()) };
    return answer.status === 422 ? { state: "refused", html: await answer.text() } : { state: "offline" };
  } catch {
    return { state: "offline" };
  }
};
const say = detail => document.dispatchEvent(new CustomEvent("toast", { detail }));
const line = (form, state) => {
  const note = $("[data-unsaved]", form);
  note.hidden = !state;
  note.textContent = state ? note.dataset[state] + " " : "";
  if (state !== "signedOut") return;
  const link = document.createElement("a");
  link.href = note.dataset.login + "?next=" + encodeURIComponent(location.pathname + location.search);
  link.textContent = note.dataset.link;
  note.append(link);
};
const renew = form => {
  const { client_name: client, guessed_from: from } = form.elements, name = client?.value;
  form.reset();
  if (client) client.value = name;
  if (from) from.value = dialog?.dataset.here ? "page" : "text";
  area(form).value = "";
  form.elements.idempotency_key.value = uuid();
  $$("[data-found],[data-files]", form).forEach(each => each.replaceChildren());
  $$(".draft-note:not([data-unsaved])", form).forEach(each => each.remove());
  $$(".is-invalid,[aria-invalid]", form).forEach(each => { each.classList.remove("is-invalid"); each.removeAttribute("aria-invalid"); });
  $$(".invalid-feedback", form).forEach(each => each.remove());
  line(form, "");
  label(form);
  reread(form);
};
const arrived = (item, answer) => {
  outOfQueue(item);
  const draft = kept.read("draft:" + item.draft);
  if (!draft || draft.text === item.body) forget(item.draft);
  boxes().forEach(form => draftOf(form) === item.draft && area(form).value === item.body && renew(form));
  say({ text: answer.text, undo: answer.undo });
  refresh();
  settled(item.fields.filter(([name]) => name === "answers").map(([, id]) => document.getElementById(id)).filter(Boolean));
};

// Rows of requests that were answered by it, in a list that does not draw itself anew.
const settled = async rows => {
  if (!rows.length || $("#day,main form[data-composer]")) return;
  const text = await fetch(location.href).then(answer => answer.text()).catch(() => "");
  const page = new DOMParser().parseFromString(text, "text/html");
  rows.forEach(row => {
    const now = page.getElementById(row.id);
    if (now) row.replaceWith(document.importNode(now, true));
    else {
      row.classList.add("is-done");
      $$(".row-a,.row-m,.due", row).forEach(each => each.replaceChildren());
    }
  });
};

// What the page shows of the client or the day is drawn anew; the box and what has the focus stay.
const SHOWN = "main .health,main section[id]";
const refresh = async () => {
  document.body.dispatchEvent(new CustomEvent("day-refresh", { bubbles: true }));
  if (!$("main form[data-composer]") || !$(SHOWN)) return;
  const text = await fetch(location.href).then(answer => answer.text()).catch(() => "");
  const page = new DOMParser().parseFromString(text, "text/html");
  const twin = (each, within) => each && $(each.id ? "#" + each.id : ".health", within);
  $$(SHOWN, page).forEach(now => {
    const old = twin(now, document), drawn = document.importNode(now, true);
    if (old?.contains(document.activeElement) || old?.outerHTML === drawn.outerHTML) return;
    if (old) old.replaceWith(drawn);
    else (now.previousElementSibling?.id ? twin(now.previousElementSibling, document) : $("main form[data-composer]"))?.after(drawn);
    window.htmx?.process(drawn);
  });
};

export const send = async (form, all = false) => {
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  await Promise.all(uploads.get(form) || []);
  follow(form);
  const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");
  if (all) fields.push(["add_all", "1"]);
  const item = { key: form.elements.idempotency_key.value, url: new URL(form.action).pathname, fields, body: area(form).value, draft: draftOf(form) };
  if (item.body.trim()) inQueue(item);
  const answer = await post(item);
  delete form.dataset.busy;
  if (answer.state === "saved") {
    arrived(item, answer);
    if (dialog?.contains(form)) dialog.close();
    else area(form).focus();
  } else if (answer.state === "refused") {
    outOfQueue(item);
    const holder = document.createElement("div");
    form.replaceWith(holder);
    holder.innerHTML = answer.html;
    ready($("form", holder));
    ($("[aria-invalid=true],.is-invalid", holder) || $("textarea", holder)).focus();
  } else {
    line(form, answer.state);
    later();
  }
};

let timer, flushing = false;
const later = () => {
  clearTimeout(timer);
  if (queue().length) timer = setTimeout(flush, 10000);
};
const flush = async () => {
  if (flushing) return;
  flushing = true;
  for (const item of queue()) {
    const form = boxes().find(each => each.elements.idempotency_key.value === item.key);
    if (form?.dataset.busy) continue;
    const answer = await post(item);
    if (answer.state === "saved") {
      if (form && area(form).value === item.body) line(form, "");
      arrived(item, answer);
      if (form && area(form).value) form.elements.idempotency_key.value = uuid();
    } else if (answer.state === "refused") {
      outOfQueue(item); // its draft stays, and opens with the box
      if (!kept.read("draft:" + item.draft)) kept.write("draft:" + item.draft, { text: item.body, at: Date.now() });
      if (form) reread(form);
    } else {
      if (form) line(form, answer.state);
      break;
    }
  }
  flushing = false;
  later();
};
addEventListener("online", flush);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && flush());

// ------------------------------------------------------------------ files: up at once, with their progress
const uploads = new WeakMap();
const remember = form => {
  const rows = $$("[data-files] input[name=attachment]", form).filter(tick => tick.checked);
  kept.write("files:" + draftOf(form), rows.map(tick => [tick.value, tick.closest("label").textContent.replace(/\s+/g, " ").trim()]));
};
const upload = (form, file) => new Promise(done => {
  const row = document.createElement("p"), bar = document.createElement("progress"), sent = new XMLHttpRequest(), body = new FormData();
  row.className = "file";
  row.append(file.name + " ", bar);
  $("[data-files]", form).append(row);
  body.append("files", file);
  sent.open("POST", form.dataset.upload);
  sent.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
  sent.upload.onprogress = event => Object.assign(bar, { max: event.total, value: event.loaded });
  sent.onloadend = () => {
    if (/^(200|422)$/.test(sent.status) && !/login/.test(sent.responseURL)) {
      row.insertAdjacentHTML("afterend", sent.responseText);
      row.remove();
    } else {
      row.textContent = `${file.name}: ${$("[data-unsaved]", form).dataset.lost}`;
      row.classList.add("t-late");
    }
    remember(form);
    done();
  };
  sent.send(body);
});
const take = (form, files) => uploads.set(form, [...(uploads.get(form) || []), ...[...files].map(file => upload(form, file))]);
document.addEventListener("dragover", event => event.target.closest?.("form[data-composer]") && event.preventDefault());
["drop", "paste"].forEach(name => document.addEventListener(name, event => {
  const form = event.target.closest?.("form[data-composer]"), files = (event.dataTransfer || event.clipboardData)?.files;
  if (!form || !files?.length) return;
  event.preventDefault();
  take(form, files);
}));

// ------------------------------------------------------------------ what one does in a box
document.addEventListener("submit", event => {
  if (!event.target.matches("form[data-composer]") || event.submitter?.name === "look") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  send(event.target, event.submitter?.name === "add_all");
}, true);
document.addEventListener("keydown", event => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("form[data-composer]");
  if (!form) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  send(form, event.shiftKey);
}, true);
let pointed = false;
document.addEventListener("pointerdown", () => (pointed = true), true);
document.addEventListener("keydown", () => (pointed = false), true);
const shut = menu => {
  if (!menu) return;
  $("summary", menu).focus();
  menu.open = false;
};
document.addEventListener("change", event => {
  const form = event.target.closest?.("form[data-composer]");
  if (!form) return;
  const { name, type } = event.target;
  if ("attach" in event.target.dataset) {
    take(form, event.target.files);
    event.target.value = "";
  } else if (name === "attachment") remember(form);
  else if (name === "kind") label(form);
  else if (type === "radio" && pointed) setTimeout(shut, 0, event.target.closest("details")); // arrows go on choosing
  if (name !== "body" && name !== "suggestion" && name !== "answers" && name !== "attachment" && name) reread(form);
});
document.addEventListener("input", event => {
  if (event.target.name !== "client_name") return;
  event.target.dataset.typed = "1"; // until the next guess, which heeds it
  $$("input[name=client]", event.target.form).forEach(each => (each.checked = false));
});
document.addEventListener("click", event => {
  const form = event.target.closest(".draft-note .linklike")?.closest("form[data-composer]");
  if (!form) return;
  forget(draftOf(form));
  $("[data-files]", form).replaceChildren();
});
document.addEventListener("htmx:error", event => {
  if (event.target.closest?.("form[data-composer]")) event.stopImmediatePropagation(); // a guess that failed is no loss
}, true);

// The field says the client that was guessed, unless a name was typed; also for what is sent before htmx says it swapped.
const follow = form => {
  const guessed = form.elements.guessed_client, field = form.elements.client_name;
  if (!guessed?.dataset.name || !field || field === document.activeElement || field.dataset.typed) return;
  field.value = guessed.dataset.name;
};

// The chips come anew as one types: what was open, ticked and focused stays.
let open = "", focused = "", ticked = [];
document.addEventListener("htmx:before:swap", event => {
  const form = event.target.closest?.("form[data-composer]");
  if (!form) return;
  const at = document.activeElement;
  open = $("[data-guessed] details[open]", form)?.dataset.part || "";
  focused = at?.closest("[data-guessed]") ? at.id || (at.name && `[name="${at.name}"][value="${CSS.escape(at.value)}"]`) || `[data-part="${at.closest("details")?.dataset.part}"] summary` : "";
  ticked = $$("[data-found] input", form).filter(each => each.checked).map(each => each.value);
});
document.addEventListener("htmx:after:swap", event => {
  const form = event.target.closest?.("form[data-composer]");
  if (!form) return;
  const again = open && $(`[data-guessed] [data-part="${open}"]`, form);
  if (again) again.open = true;
  $$("[data-found] input", form).forEach(each => ticked.includes(each.value) && (each.checked = true));
  const at = focused && (document.getElementById(focused) || (/[[]/.test(focused) && $(focused, form)));
  if (at) at.focus();
  const { client_name: name } = form.elements;
  if (name && name !== document.activeElement) delete name.dataset.typed;
  follow(form);
  dress(form);
});

// ------------------------------------------------------------------ the dialog
const ready = form => {
  window.htmx?.process(form);
  dress(form);
  settle(form);
};
// The client of the page: said by the link, the page's own address, or the row that is chosen.
const clientHere = () => {
  const at = ["[data-row].is-on", ".crumb", ".page-h"].map(each => `${each} a[href^="/clients/c_"]`).join();
  const links = [location.pathname, ...$$(at).map(each => each.getAttribute("href"))];
  return links.map(each => /^\/clients\/(c_\w+)\//.exec(each)?.[1]).find(Boolean) || "";
};
const fetched = async address => {
  try {
    const answer = await fetch(address), html = await answer.text();
    if (answer.redirected) location.href = dialog.dataset.form; // signed out
    else if (answer.ok) return sessionStorage.setItem("log:" + user, html), html;
  } catch { /* no connection: the last box will do */ }
  try {
    return (sessionStorage.getItem("log:" + user) || "").replace(/(name="idempotency_key" value=")[^"]*/, "$1" + uuid());
  } catch { return ""; }
};
const open_ = async (client, asked = "") => { // asked: “?contact=…&answers=…” of the link, as on the page
  if (!$(`link[href="${dialog.dataset.css}"]`)) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: dialog.dataset.css }));
  }
  const box = $("[data-box]", dialog), here = client || clientHere(), before = $("form", box), same = (dialog.dataset.asked || "") === asked;
  if (before && same && (dialog.dataset.here === here || area(before).value.trim())) return reread(before);
  if (before && !asked && area(before).value.trim()) return reread(before);
  const wish = new URLSearchParams(asked);
  wish.set("at", "dlog");
  if (here) wish.set("client", here);
  const html = await fetched(`${dialog.dataset.form}?${wish}`);
  if (!html) return;
  dialog.dataset.here = here;
  dialog.dataset.asked = asked;
  const typed = $("textarea", box), text = before ? "" : typed.value; // what stood in another box waits there as its draft
  if (typed.dataset.draft && !typed.value.trim()) forget(typed.dataset.draft);
  box.innerHTML = html;
  const form = $("form", box), field = area(form), draft = kept.read("draft:" + draftOf(form))?.text;
  field.value = text && draft ? `${draft}\n${text}` : text;
  ready(form);
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  if (text) field.dispatchEvent(new Event("input", { bubbles: true }));
  const early = dialog.dataset.early; // Ctrl and Enter were pressed before the box had come
  delete dialog.dataset.early;
  if (early && !(text && draft)) send(form, early === "all");
};
export { open_ as open };

let inMenu = false;
document.addEventListener("keydown", event => {
  if (event.key === "Escape") inMenu = Boolean(dialog && $("details[open]", dialog));
}, true);
dialog?.addEventListener("cancel", event => {
  if (inMenu) event.preventDefault();
  inMenu = false;
});
// above the keyboard of a phone
const tall = height => dialog.style.height !== height && (dialog.style.height = height);
visualViewport?.addEventListener("resize", () => dialog?.open && tall(visualViewport.height < innerHeight - 80 ? `${visualViewport.height}px` : ""));
dialog?.addEventListener("close", () => tall(""));

boxes().forEach(form => {
  dress(form);
  settle(form);
});
flush();
