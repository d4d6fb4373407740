// Comforts over pages that work without them: times that tick, filters that swap, keys, copying.
"use strict";
const minute = 60000;
const $ = (selector, root) => (root || document).querySelector(selector);
const $$ = (selector, root) => [...(root || document).querySelectorAll(selector)];

function span(ms) {
  const minutes = Math.max(0, Math.floor(ms / minute));
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return minutes + " min";
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return hours < 12 && minutes % 60 ? hours + " h " + (minutes % 60) + " min" : hours + " h";
  return Math.floor(hours / 24) + " days";
}
function ago(date, now) {
  const ms = now - date;
  return ms < minute ? "just now" : span(ms) + " ago";
}
function announce(text) { const place = $("#announce"); if (place) place.textContent = text; }

function tick() {
  const now = Date.now();
  for (const time of $$("time[data-ago]")) time.textContent = ago(Date.parse(time.dateTime), now);
  const chip = $("#freshness");
  if (!chip || !chip.dataset.asOf) return;
  const updated = "Updated " + ago(Date.parse(chip.dataset.asOf), now);
  const text = $(".chiptext", chip);
  const state = chip.dataset.state;
  if (!["fresh", "overdue"].includes(state)) return;
  if (!chip.dataset.due) {
    text.textContent = text.textContent.replace(/^Updated .*? · /, updated + " · ");
    return;
  }
  const left = Date.parse(chip.dataset.due) - now;
  if (left > 0) text.textContent = updated + " · next run in " + span(left);
  else if (left > -10 * minute) text.textContent = updated + " · next run due now";
  else {
    if (state === "fresh") {
      chip.dataset.state = "overdue";
      chip.classList.replace("fresh", "overdue");
      announce("The next run is overdue.");
    }
    text.textContent = updated + " · next run overdue by " + span(-left);
  }
}
tick();
setInterval(tick, 20000);

const theme = $("#theme");
if (theme) {
  theme.value = document.documentElement.dataset.theme || "";
  theme.addEventListener("change", () => {
    if (theme.value) document.documentElement.dataset.theme = theme.value;
    else delete document.documentElement.dataset.theme;
    try {
      if (theme.value) localStorage.setItem("trender-theme", theme.value);
      else localStorage.removeItem("trender-theme");
    } catch (e) { /* storage may be forbidden */ }
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) return;
  event.preventDefault();
  $("#search").focus();
});

// Filters: the same address without a full page load. Back and reload work as ever.
let asked = 0;
async function show(url, push) {
  const mine = ++asked;
  const results = $("#results");
  results.classList.add("busy");
  results.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = $("#results", page);
    if (mine !== asked) return;
    if (!answer.ok || !fresh) { location.assign(url); return; }
    results.replaceWith(document.adoptNode(fresh));
    document.title = page.title;
    if (push) history.pushState({ swapped: true }, "", answer.url);
    here = address();
    const count = $("[data-count]");
    announce(count ? count.textContent : "");
    tick();
  } catch (e) {
    if (mine === asked) location.assign(url);
  }
}
function formUrl(form) {
  const wanted = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    const field = form.elements[name];
    const fallback = (field && field.dataset && field.dataset.default) || form.dataset["default" + name[0].toUpperCase() + name.slice(1)] || "";
    if (value !== "" && value !== fallback) wanted.append(name, value);
  }
  const query = wanted.toString();
  return form.getAttribute("action") + (query ? "?" + query : "");
}
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-swap]");
  if (form && $("#results")) show(formUrl(form), true);
});
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-swap]");
  if (!form || !$("#results")) return;
  event.preventDefault();
  show(formUrl(form), true);
});
// A fragment also "pops": only another address is another page.
const address = () => location.pathname + location.search;
let here = address();
window.addEventListener("popstate", () => {
  if (address() !== here && $("#results")) location.reload();
  here = address();
});

// Copy buttons exist only where copying works.
if (navigator.clipboard) for (const place of $$(".copy")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy " + (place.dataset.what || "text"));
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText($("pre, code", place).textContent);
    button.textContent = "Copied";
    announce("Copied");
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  place.append(button);
}
