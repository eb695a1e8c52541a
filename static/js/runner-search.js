// A runner is looked for as one types: the server answers with those who match, and with the offer to make a new one.
// They take the place of the choices behind the field. Event on these, bubbling: "runners:came".

import { ask } from "./ask.js";

const PAUSE_MS = 150; // of somebody who types on

async function find(field) {
  const { html } = await ask(field, field.dataset.findRunner, { q: field.value });
  if (html === null || !field.isConnected) return; // whoever is signed out is told when they order
  const place = field.closest(".find").nextElementSibling;
  place.innerHTML = html; // our own template, every value escaped by it
  place.dispatchEvent(new CustomEvent("runners:came", { bubbles: true }));
}

document.addEventListener("input", ({ target: field }) => {
  if (!field.matches("[data-find-runner]")) return;
  clearTimeout(field.pause);
  field.pause = setTimeout(() => find(field), PAUSE_MS);
});

// Enter in the search chooses nothing and must not order anything.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[data-find-runner]")) event.preventDefault();
});
