// The key points of one film: where each was in the picture of a moment, and what is drawn between them.

export const SIDES = ["left", "right"];
export const LIMBS = [
  ["shoulder", "elbow"], ["elbow", "wrist"], ["shoulder", "hip"], ["hip", "knee"],
  ["knee", "ankle"], ["ankle", "heel"], ["heel", "toe"], ["ankle", "toe"],
];
const TOE = ["toe", "foot_index", "big_toe"]; // services name it differently

// Left and right as they are drawn over a film.
export function sideColours(root) {
  const style = getComputedStyle(root);
  return { left: style.getPropertyValue("--film-left"), right: style.getPropertyValue("--film-right") };
}

// Empty a canvas, as fine as the screen it lies on, and return where a film's picture lies on it, in the page's pixels:
// a film keeps its shape within its own box, which need not be the canvas's.
export function stage(pen, video, data) {
  const { canvas } = pen;
  const dots = devicePixelRatio || 1;
  const frame = canvas.getBoundingClientRect();
  const [width, height] = [frame.width, frame.height].map((side) => Math.round(side * dots));
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  pen.setTransform(dots, 0, 0, dots, 0, 0);
  pen.clearRect(0, 0, frame.width, frame.height);
  const box = video.getBoundingClientRect();
  const [wide, high] = [data.width || video.videoWidth, data.height || video.videoHeight];
  const scale = Math.min(box.width / wide, box.height / high);
  return {
    scale,
    x: box.left - frame.left + (box.width - wide * scale) / 2,
    y: box.top - frame.top + (box.height - high * scale) / 2,
  };
}

export class Points {
  constructor(data) {
    this.data = data;
    this.column = new Map(data.joints.map((name, index) => [name, 2 * index]));
  }

  // The points at this address; null where there are none.
  static async load(address) {
    const answer = await fetch(address);
    return answer.ok ? new Points(await answer.json()) : null;
  }

  get times() {
    return this.data.times;
  }

  // Which picture belongs to a moment: the nearest, for the rates of two copies may differ. Needs known times.
  at(time) {
    const { times } = this;
    const guess = Math.round(((time - times[0]) / (times[times.length - 1] - times[0])) * (times.length - 1));
    let best = Math.min(times.length - 1, Math.max(0, guess));
    while (best > 0 && Math.abs(times[best - 1] - time) <= Math.abs(times[best] - time)) best -= 1;
    while (best < times.length - 1 && Math.abs(times[best + 1] - time) < Math.abs(times[best] - time)) best += 1;
    return best;
  }

  // A point in the film's own pixels; null where it was not seen.
  point(picture, side, part) {
    const row = this.data.pictures[picture];
    for (const name of part === "toe" ? TOE : [part]) {
      const at = this.column.get(`${side}_${name}`);
      if (row && at !== undefined && row[at] !== null) return [row[at], row[at + 1]];
    }
    return null;
  }

  // The middle of what was seen of both sides; null where neither was.
  middle(picture, part) {
    const seen = SIDES.map((side) => this.point(picture, side, part)).filter(Boolean);
    return seen.length ? [0, 1].map((axis) => seen.reduce((sum, point) => sum + point[axis], 0) / seen.length) : null;
  }
}
