// The earlier film's skeleton over the newer film: as tall as the newer one's, set on its hips or on its foot.

import { LIMBS, Points, SIDES, sideColours, stage } from "./bones.js";

const BODY = [["shoulder", "hip"], ["hip", "knee"], ["knee", "ankle"]]; // what tells how tall a runner is in a picture
const FOOT = ["ankle", "heel", "toe"];
const FEW = 60; // pictures that are enough to tell a size
const TURNED = 0.05; // a foot pointing this share of the body to one side tells where the runner heads
const DASH = [7, 5]; // as what was before is drawn in the curves

function median(values) {
  const sorted = values.filter(Number.isFinite).sort((one, other) => one - other);
  return sorted.length ? sorted[sorted.length >> 1] : NaN;
}

function some(points) {
  const count = points.data.pictures.length;
  const every = Math.max(1, Math.floor(count / FEW));
  return Array.from({ length: Math.ceil(count / every) }, (_, index) => index * every);
}

// How tall the runner is in the picture, in pixels, from the bones that a runner does not fold.
function size(points) {
  return BODY.reduce((sum, ends) => {
    const lengths = some(points).flatMap((picture) => SIDES.map((side) => {
      const [one, other] = ends.map((part) => points.point(picture, side, part));
      return one && other ? Math.hypot(one[0] - other[0], one[1] - other[1]) : NaN;
    }));
    return sum + median(lengths);
  }, 0);
}

// 1 where the runner heads to the right, −1 to the left, 0 where it cannot be told, as from behind.
function heading(points, tall) {
  const ahead = some(points).flatMap((picture) => SIDES.map((side) => {
    const [heel, toe] = ["heel", "toe"].map((part) => points.point(picture, side, part));
    return heel && toe ? toe[0] - heel[0] : NaN;
  }));
  const usual = median(ahead);
  return Math.abs(usual) > TURNED * tall ? Math.sign(usual) : 0;
}

export class Ghost {
  constructor(root, now, before) {
    this.canvas = now.box.querySelector("canvas");
    this.pen = this.canvas.getContext("2d");
    this.films = { now, before };
    this.side = root.dataset.side;
    this.on = false;
    this.at = "hips";
    this.colour = sideColours(root);
  }

  // Both films' points, once they are wanted; false where one has none.
  async load() {
    this.points ??= await Promise.all(["now", "before"].map((name) => Points.load(this.films[name].box.dataset.landmarks)));
    const [now, before] = this.points;
    if (![now, before].every((points) => points?.times.length > 1)) return false;
    const tall = [size(now), size(before)];
    const same = tall[0] / tall[1];
    this.scale = Number.isFinite(same) ? same : 1;
    this.turn = heading(now, tall[0]) * heading(before, tall[1]) < 0 ? -1 : 1;
    return true;
  }

  // What both films have at the same place: the hips of this moment, or one foot as it struck at the stride's beginning.
  anchor(points, time, strike) {
    if (this.at === "hips" || !this.side) return points.middle(points.at(time), "hip");
    const seen = FOOT.map((part) => points.point(points.at(strike), this.side, part));
    const known = seen.find(Boolean);
    return known ?? points.middle(points.at(time), "hip");
  }

  // Times in seconds of each film: the moment on the screen, and the strike before it.
  draw(times, strikes) {
    this.canvas.hidden = !this.on;
    if (!this.on || !this.points) return;
    const [now, before] = this.points;
    const place = stage(this.pen, this.films.now.video, now.data);
    const here = this.anchor(now, times[0], strikes[0]);
    const there = this.anchor(before, times[1], strikes[1]);
    if (!here || !there) return;
    const picture = before.at(times[1]);
    const move = ([x, y]) => [
      place.x + (here[0] + (x - there[0]) * this.scale * this.turn) * place.scale,
      place.y + (here[1] + (y - there[1]) * this.scale) * place.scale,
    ];
    this.limbs(before, picture, move);
  }

  limbs(points, picture, move) {
    for (const part of ["shoulder", "hip"]) this.line(SIDES.map((side) => points.point(picture, side, part)), "#fff", move);
    for (const side of SIDES) {
      for (const parts of LIMBS) this.line(parts.map((part) => points.point(picture, side, part)), this.colour[side], move);
    }
  }

  line(ends, colour, move) {
    if (!ends.every(Boolean)) return;
    const [from, to] = ends.map(move);
    for (const [ink, width, alpha, dash] of [["#000", 5, 0.4, []], [colour, 3, 1, DASH]]) {
      this.pen.globalAlpha = alpha;
      this.pen.strokeStyle = ink;
      this.pen.lineWidth = width;
      this.pen.setLineDash(dash);
      this.pen.beginPath();
      this.pen.moveTo(...from);
      this.pen.lineTo(...to);
      this.pen.stroke();
    }
    this.pen.globalAlpha = 1;
  }
}
