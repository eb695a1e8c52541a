// Slow a shared film down; without this script the browser's own controls remain.

const choice = document.querySelector("[data-slow]");
const films = [...document.querySelectorAll("[data-film]")];
choice.hidden = false;
choice.addEventListener("click", (event) => {
  const button = event.target.closest("[data-speed]");
  if (!button) return;
  for (const other of choice.querySelectorAll("[data-speed]")) other.setAttribute("aria-pressed", other === button);
  for (const film of films) film.playbackRate = Number(button.dataset.speed);
});
