// The curves follow the film and the film follows the curves: one share of the gait cycle, two ways to move it.

import { film, steps } from "./film.js";

const WIDTH = 300; // of a plot, in the drawing's units

// The stretches of film that a curve sums up, of one side: strides, or contacts for a curve over the stance.
function laps(span, side) {
  const end = span === "stance" ? "toeOff" : "next";
  return steps
    .filter((step) => (!side || step.side === side) && step.strike !== null && step[end] !== null && step[end] > step.strike)
    .map((step) => ({ side: step.side, from: step.strike, to: step[end] }));
}

const within = (lap, time) => lap.from - 1e-4 <= time && time < lap.to;

function read(path, share) {
  const values = path.dataset.mean.split(",");
  const value = values[Math.round(share * (values.length - 1))];
  return value === "" ? "" : `${film.root.dataset[path.dataset.side]} ${Math.round(Number(value))}°`;
}

class Curve {
  constructor(figure) {
    this.figure = figure;
    this.span = figure.dataset.curve;
    this.input = figure.querySelector("[data-cycle]");
    this.said = figure.querySelector("[data-read]");
    this.lines = [...figure.querySelectorAll("[data-mean]")];
    this.lap = null; // the stretch a hand on this curve moves through
    this.input.disabled = !laps(this.span).length;
    this.input.addEventListener("input", () => this.move());
    this.input.addEventListener("change", () => {
      this.lap = null;
    });
  }

  move() {
    const time = film.start(film.frame);
    const all = laps(this.span);
    this.lap ??= all.findLast((lap) => within(lap, time)) ?? all.find((lap) => lap.from > time) ?? all[all.length - 1];
    film.video.pause();
    film.goTime(this.lap.from + (this.lap.to - this.lap.from) * (Number(this.input.value) / 100));
  }

  follow(time) {
    const words = [];
    let latest = null;
    for (const path of this.lines) {
      const lap = laps(this.span, path.dataset.side).findLast((one) => within(one, time));
      const cursor = this.figure.querySelector(`[data-cursor=${path.dataset.side}]`);
      cursor.setAttribute("visibility", lap ? "visible" : "hidden");
      if (!lap) continue;
      const share = (time - lap.from) / (lap.to - lap.from);
      for (const end of ["x1", "x2"]) cursor.setAttribute(end, (share * WIDTH).toFixed(1));
      words.push(read(path, share));
      if (!latest || lap.from > latest.lap.from) latest = { lap, share };
    }
    this.said.textContent = words.filter(Boolean).join("  ");
    if (latest && !this.lap) this.input.value = Math.round(latest.share * 100);
  }
}

if (film) {
  const curves = [...document.querySelectorAll("[data-curve]")].map((figure) => new Curve(figure));
  film.addEventListener("frame", ({ detail }) => curves.forEach((curve) => curve.follow(detail.time)));
}
