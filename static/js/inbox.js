// j and k move, Enter opens, e marks as reviewed. What is under way comes in by itself, what is new
// when the page is looked at again.

import { ask } from "./ask.js";

const AGAIN_MS = 10_000;
const COUNTS = [".rail nav", ".tabbar", "#filters"];

function lines() {
  return [...document.querySelectorAll("[data-line]")];
}

function here() {
  return document.activeElement.closest("[data-line]");
}

function move(by) {
  const all = lines();
  if (!all.length) return;
  const now = all.indexOf(here());
  const next = all[Math.min(all.length - 1, Math.max(0, now < 0 ? 0 : now + by))];
  next.querySelector("a").focus();
  next.scrollIntoView({ block: "nearest" });
}

function codes(page) {
  return [...page.querySelectorAll("[data-line]")].map((line) => line.dataset.line).join();
}

// What a part says and how many pictures it shows; its links and tokens are new each time.
function told(part) {
  return `${part.textContent} ${part.querySelectorAll("img").length}`;
}

// Ask for the page once more and put in what says something new; what says the same stays, pictures and all.
async function renew() {
  const { html, status, signedOut } = await ask(document, location.href);
  if (signedOut || status === 403) return location.reload(); // to the sign-in and back, or to why not
  if (html === null) return;
  const page = new DOMParser().parseFromString(html, "text/html");
  const at = here()?.dataset.line;
  const sameLines = codes(document) && codes(document) === codes(page);
  for (const part of [...COUNTS, sameLines ? "[data-line]" : "#needs"]) {
    const now = page.querySelectorAll(part);
    document.querySelectorAll(part).forEach((old, n) => {
      if (told(old) !== told(now[n])) old.replaceWith(now[n]);
    });
  }
  if (at && !here()) document.querySelector(`[data-line="${at}"] a`)?.focus({ preventScroll: true });
}

async function review(form) {
  const line = form.closest("li");
  if (line.ariaBusy) return;
  line.ariaBusy = "true"; // seen at once: pressed again when the answer is there, "e" would mean the next line
  const body = new FormData(form);
  const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.status !== 204) {
    // Anything but a plain yes, also a broken connection, shows itself as the page the form leads to.
    line.ariaBusy = null;
    return form.submit();
  }
  const next = line.contains(document.activeElement) && (line.nextElementSibling ?? line.previousElementSibling);
  line.remove();
  if (next) next.querySelector("a").focus(); // whoever has moved on stays where they are
  await renew();
}

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "j") move(1);
  if (event.key === "k") move(-1);
  if (event.key === "e") here()?.querySelector("[data-review]")?.requestSubmit();
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-review]")) return;
  event.preventDefault();
  review(event.target);
});

setInterval(() => {
  if (!document.hidden && document.querySelector("[data-under-way]")) renew();
}, AGAIN_MS);

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) renew();
});
