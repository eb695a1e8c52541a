// From a number to its frames: a number moves the film to where it was measured and shows the steps behind it.

import { film, steps } from "./film.js";

const narrow = matchMedia("(max-width: 760px)");
const NEAR_S = 0.25; // a step is the one on the screen from its moment for so long

// The stride around the picture on the screen, or the next one: what the loop button repeats.
function stride() {
  const now = film.start(film.frame) + 1e-3;
  const whole = steps.filter((step) => step.strike !== null && step.next !== null);
  const here = whole.find((step) => step.strike <= now && now < step.next) ?? whole.find((step) => step.strike > now);
  return here ? [here.strike, here.next] : null;
}

function show(time) {
  film.video.pause();
  film.goTime(time);
  const { top, bottom } = film.root.getBoundingClientRect();
  // On a telephone the steps have room only under a film that stands at the very top.
  if (top < 0 || bottom > innerHeight + 40 || (narrow.matches && top > 16)) film.root.scrollIntoView({ block: "start" });
}

function mark({ time }) {
  const half = 0.5 / film.fps;
  for (const step of document.querySelectorAll(".step[data-seek]")) {
    const from = Number(step.dataset.seek);
    const until = step.dataset.until ? Number(step.dataset.until) : from + NEAR_S;
    step.toggleAttribute("data-here", time > from - half && time < until);
  }
}

// The pictures of the landings, when the film and the page stand: they are small, but not what one came for first.
function picture() {
  const row = document.getElementById("landings");
  if (!row || row.hasAttribute("href")) return;
  row.setAttribute("href", row.dataset.src);
  // Safari goes on showing the empty row where it stands in for it, until it is told of it again.
  for (const part of document.querySelectorAll(".landing use")) part.setAttribute("href", "#landings");
}

function listen() {
  film.stride = stride;
  film.addEventListener("frame", ({ detail }) => mark(detail));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-seek]");
    if (link && !event.ctrlKey && !event.metaKey) show(Number(link.dataset.seek));
  });
  // New steps have come: on a telephone they stand right under the film until they are closed.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (document.readyState === "complete") picture();
    if (event.target.id !== "steps") return;
    document.querySelector(".hero").toggleAttribute("data-about", Boolean(event.target.dataset.about));
    mark({ time: film.start(film.frame) });
    event.target.querySelector("h2")?.focus({ preventScroll: true });
  });
  const first = document.querySelector("#steps[data-about] [data-seek]");
  if (first) film.whenMovable(() => show(Number(first.dataset.seek)));
}

if (film) listen();
if (document.readyState === "complete") picture();
else addEventListener("load", picture);
