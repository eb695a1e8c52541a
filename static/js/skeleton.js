// The key points drawn live over the plain film: joints, angles and trails, each to be had or not.

import { LIMBS, Points, SIDES, sideColours, stage } from "./bones.js";
import { film } from "./film.js";

const TRAIL = 24; // pictures
const DOTS = ["shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "toe"];
const ANGLES = [["hip", "knee", "ankle"], ["shoulder", "hip", "knee"], ["shoulder", "elbow", "wrist"]];
const FOLLOWED = ["ankle", "knee"];

class Skeleton {
  constructor() {
    this.canvas = film.root.querySelector("canvas");
    this.pen = this.canvas.getContext("2d");
    this.layers = { joints: true, angles: false, trails: false };
    this.points = null;
    this.colour = sideColours(film.root);
    film.addEventListener("frame", () => this.draw());
    film.addEventListener("source", () => this.draw());
    const resized = new ResizeObserver(() => this.draw());
    for (const one of [this.canvas, film.video]) resized.observe(one);
    film.root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button?.dataset.show) this.show(button.dataset.show);
      if (button?.dataset.layer) this.toggle(button);
    });
  }

  // The copies' pictures are numbered by what the key points say; loaded once the film's first picture is there.
  async load() {
    this.points = await Points.load(film.root.dataset.landmarks);
    if (!this.points) return;
    if (this.points.times.length > 1) film.times.annotated = this.points.times;
    film.root.dataset.ready = "";
    this.draw();
  }

  show(which) {
    film.root.dataset.mode = which;
    const copy = which === "skeleton" ? "original" : which;
    film.show(copy, film.root.dataset[copy]);
    for (const button of film.root.querySelectorAll("[data-show]")) {
      button.setAttribute("aria-pressed", String(button.dataset.show === which));
    }
    this.draw();
  }

  toggle(button) {
    const on = !this.layers[button.dataset.layer];
    this.layers[button.dataset.layer] = on;
    button.setAttribute("aria-pressed", String(on));
    this.draw();
  }

  // A point of one picture in the canvas's own pixels; null where it was not seen.
  point(picture, side, part) {
    const seen = this.points.point(picture, side, part);
    return seen && [this.place.x + seen[0] * this.place.scale, this.place.y + seen[1] * this.place.scale];
  }

  draw() {
    const on = film.root.dataset.mode === "skeleton";
    this.canvas.hidden = !on;
    if (!on || !this.points) return;
    this.place = stage(this.pen, film.video, this.points.data);
    const picture = this.picture();
    if (this.layers.trails) this.trails(picture);
    this.limbs(picture);
    if (this.layers.joints) this.joints(picture);
    if (this.layers.angles) this.angles(picture);
  }

  // Which row of key points belongs to the picture on the screen.
  picture() {
    return this.points.times.length < 2 ? film.frame : this.points.at(film.start(film.frame));
  }

  line(points, colour, width, alpha = 1) {
    const { pen } = this;
    pen.globalAlpha = alpha;
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.lineCap = pen.lineJoin = "round";
    pen.beginPath();
    points.forEach(([x, y], index) => (index ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.stroke();
    pen.globalAlpha = 1;
  }

  limbs(picture) {
    for (const part of ["shoulder", "hip"]) {
      const ends = SIDES.map((side) => this.point(picture, side, part));
      if (ends.every(Boolean)) this.line(ends, "#fff", 2, 0.8);
    }
    for (const side of SIDES) {
      for (const parts of LIMBS) {
        const ends = parts.map((part) => this.point(picture, side, part));
        if (!ends.every(Boolean)) continue;
        this.line(ends, "#000", 5, 0.45);
        this.line(ends, this.colour[side], 3);
      }
    }
  }

  joints(picture) {
    for (const side of SIDES) {
      for (const part of DOTS) {
        const place = this.point(picture, side, part);
        if (!place) continue;
        this.pen.beginPath();
        this.pen.arc(...place, 3.5, 0, 7);
        this.pen.fillStyle = "#fff";
        this.pen.fill();
        this.pen.strokeStyle = this.colour[side];
        this.pen.lineWidth = 1.5;
        this.pen.stroke();
      }
    }
  }

  // The angle between two bones as bending: straight is 0.
  angles(picture) {
    this.pen.font = "600 12px system-ui, sans-serif";
    for (const side of SIDES) {
      for (const parts of ANGLES) {
        const [one, joint, other] = parts.map((part) => this.point(picture, side, part));
        if (!one || !joint || !other) continue;
        const turn = Math.atan2(one[1] - joint[1], one[0] - joint[0]) - Math.atan2(other[1] - joint[1], other[0] - joint[0]);
        const inner = Math.abs((((turn * 180) / Math.PI + 540) % 360) - 180);
        const text = `${film.root.dataset[side]} ${Math.round(180 - inner)}°`;
        const [x, y] = [joint[0] + (side === "left" ? -8 - this.pen.measureText(text).width : 8), joint[1] + 4];
        this.pen.lineWidth = 3;
        this.pen.strokeStyle = "#000b";
        this.pen.strokeText(text, x, y);
        this.pen.fillStyle = "#fff";
        this.pen.fillText(text, x, y);
      }
    }
  }

  trails(picture) {
    for (const side of SIDES) {
      for (const part of FOLLOWED) {
        for (let back = TRAIL; back > 0; back -= 1) {
          const ends = [this.point(picture - back, side, part), this.point(picture - back + 1, side, part)];
          if (ends.every(Boolean)) this.line(ends, this.colour[side], 2, 1 - back / (TRAIL + 1));
        }
      }
    }
  }
}

if (film?.root.dataset.landmarks) {
  const skeleton = new Skeleton();
  if (film.video.readyState >= 2) skeleton.load();
  else film.video.addEventListener("loadeddata", () => skeleton.load(), { once: true });
}
