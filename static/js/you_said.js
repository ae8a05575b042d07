/* “You said, we did”: shows beside the lines how they stand in the invitation, while they are typed. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-you-said]");
  const shown = [...document.querySelectorAll("[data-said-preview] > li")];
  const words = document.getElementById("said-words")?.content.textContent.trim();
  if (!form || !words) return;
  const value = (n, name) => form.elements[`line-${n}-${name}`].value.trim();
  form.addEventListener("input", () => shown.forEach((each, index) => {
    const did = value(index + 1, "did"), said = value(index + 1, "said");
    each.hidden = !did && !said;
    each.querySelector("b").textContent = did;
    each.querySelector("span").textContent = said ? words.replace("{words}", said) : "";
  }));
})();
