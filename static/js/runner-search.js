// A runner is looked for as one types: the server answers with those who match, and with the offer to make a new one.
// They take the place of the choices behind the field. Event on these, bubbling: "runners:came".

const PAUSE_MS = 150; // of somebody who types on

async function find(field) {
  const words = (field.asked = field.value);
  const response = await fetch(`${field.dataset.findRunner}?${new URLSearchParams({ q: words })}`, { redirect: "manual" });
  // The answer to an earlier word may come last; whoever is signed out is told when they order.
  if (!response.ok || field.asked !== words || !field.isConnected) return;
  const place = field.closest(".find").nextElementSibling;
  place.innerHTML = await response.text(); // our own template, every value escaped by it
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
