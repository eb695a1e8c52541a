// The shell's few behaviours: "/" finds a runner, menus close, dialogs open, a list follows what is typed.

import { newestToken } from "./token.js";

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const field = document.querySelector("[data-slash]");
    if (field) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  }
  if (event.key === "Escape") closeMenus();
});

function closeMenus() {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (inside) menu.querySelector("summary").focus();
  }
}

document.addEventListener("click", (event) => {
  const menu = event.target.closest("details.menu");
  for (const open of document.querySelectorAll("details.menu[open]")) if (open !== menu) open.open = false;

  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();

  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog")?.close();

  const copier = event.target.closest("[data-copy]");
  if (copier) copy(copier);
});

// Whoever signed in again in another tab sends what they had filled in.
addEventListener("submit", ({ target: form }) => {
  const token = form.elements.csrfmiddlewaretoken;
  if (token) token.value = newestToken() ?? token.value;
}, true);

// A form on its way is not sent again by another press: a slow network shows nothing of the first for seconds. Back on
// the page, or when an answer is long overdue (stopped, or a file that leaves the page standing), it may be.
const OVERDUE_MS = 20_000;
const onTheirWay = new Set();

function mayBeSent(form) {
  onTheirWay.delete(form);
  form.removeAttribute("aria-busy");
}

addEventListener("submit", (event) => {
  const { target: form } = event;
  if (event.defaultPrevented || form.method !== "post") return;
  if (onTheirWay.has(form)) return event.preventDefault();
  onTheirWay.add(form);
  form.setAttribute("aria-busy", "true");
  setTimeout(mayBeSent, OVERDUE_MS, form);
});
addEventListener("pageshow", () => onTheirWay.forEach(mayBeSent));

// A dialog that is asked of the server opens with the answer; where none comes, its link leads to the page.
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.matches("dialog")) target.showModal();
});
for (const failure of ["htmx:sendError", "htmx:responseError"])
  document.addEventListener(failure, ({ detail }) => {
    if (detail.target.matches("dialog")) location.assign(detail.elt.href);
  });

async function copy(copier) {
  const text = copier.dataset.copy;
  const done = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  if (done || copySelected(text)) copier.querySelector("[data-said]").textContent = copier.dataset.copied;
}

// Without https there is no clipboard, and it may be refused: the old way works even then.
function copySelected(text) {
  const focused = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  focused.focus();
  return done;
}

// A choice in a filter applies at once; without this script its button does.
document.addEventListener("change", (event) => {
  if (event.target.closest("[data-submit]")) event.target.form.requestSubmit();
});
for (const spare of document.querySelectorAll("[data-spare]")) spare.hidden = true;
