/* Long work is watched from every page until it is over: its own page notes where to ask, and whichever page one is on
   by then says that it ended. Loaded there, and by app.js only while something is noted. */
const EVERY = 4000, NOTED = "jobs";
const noted = () => { try { return JSON.parse(localStorage.getItem(NOTED)) || []; } catch { return []; } };
const note = urls => { try { urls.length ? localStorage.setItem(NOTED, JSON.stringify(urls)) : localStorage.removeItem(NOTED); } catch { /* not allowed */ } };
const drop = url => note(noted().filter(each => each !== url));
const goesOn = job => job?.hasAttribute("hx-get");

// on its own page, which asks by itself
const here = () => {
  const job = document.getElementById("job");
  if (goesOn(job)) note([...new Set([...noted(), location.pathname])]);
  else if (job) drop(location.pathname);
};

const ask = async url => {
  const answer = await fetch(url, { headers: { "HX-Request": "true" }, cache: "no-store" });
  if (answer.status === 404) return drop(url); // somebody else's, who used this browser
  if (!answer.ok || answer.redirected) return;
  const job = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("job");
  if (!job || goesOn(job) || !noted().includes(url)) return; // another tab has said it
  drop(url);
  const detail = { text: job.querySelector("[role=status]").textContent.trim(), see: url };
  document.body.dispatchEvent(new CustomEvent("toast", { detail, bubbles: true }));
};

const round = async () => {
  const urls = noted().filter(url => url !== location.pathname);
  if (document.visibilityState === "visible") await Promise.allSettled(urls.map(ask));
  if (noted().length) setTimeout(round, EVERY);
};

here();
document.addEventListener("htmx:after:swap", here);
round();
