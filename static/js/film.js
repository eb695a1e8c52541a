// A film as numbered pictures: which one is shown, and how to get to another, exactly.
//
// Picture k is shown by seeking to the middle of its time: at its edge, rounding picks a neighbour. Where the moments of
// the pictures are known they are used; otherwise picture k begins at k / fps. Tells "frame" ({frame, time}) for every
// picture that reaches the screen, and "source" when another copy of the film is shown.

const EDGE_S = 1e-3; // browsers round a film's clock to a millisecond or better

class Film extends EventTarget {
  constructor(root) {
    super();
    this.root = root;
    this.video = root.querySelector("video");
    this.shown = root.dataset.shown;
    this.times = {}; // by copy: when each picture begins, s
    this.wanted = null; // the picture to go to once the seek under way has ended
    this.frame = 0;
    this.aim = null; // the picture last asked for, while the film stands: what the screen tells may be late
    this.loop = null; // [from, to] in s
    this.left = null; // how another copy goes on that is not there yet
    this.video.addEventListener("play", () => (this.aim = null));
    this.video.addEventListener("seeked", () => this.arrived());
    this.video.addEventListener("loadedmetadata", () => this.tell(this.video.currentTime));
    this.follow();
  }

  // As soon as the film can be moved: before it is, Safari on a telephone loads no picture.
  whenMovable(deed) {
    if (this.video.readyState >= 1) deed();
    else this.video.addEventListener("loadedmetadata", deed, { once: true });
  }

  // The two copies may have different rates: a copy for the browser has at most 240 pictures a second.
  get fps() {
    return Number(this.root.dataset[`${this.shown}Fps`]) || 30;
  }

  get last() {
    const times = this.times[this.shown];
    if (times?.length) return times.length - 1;
    const { duration } = this.video;
    return Number.isFinite(duration) ? Math.max(0, Math.round(duration * this.fps) - 1) : Number(this.root.dataset.frames) || 0;
  }

  start(frame) {
    const times = this.times[this.shown];
    if (!times?.length) return frame / this.fps;
    return frame < times.length ? times[frame] : times[times.length - 1] + 1 / this.fps;
  }

  middle(frame) {
    return (this.start(frame) + this.start(frame + 1)) / 2;
  }

  // The picture on the screen at a moment of the film's clock.
  at(time) {
    const times = this.times[this.shown];
    if (!times?.length) return this.within(Math.floor((time + EDGE_S) * this.fps));
    let low = 0;
    let high = times.length - 1;
    while (low < high) {
      const mid = (low + high + 1) >> 1;
      if (times[mid] <= time + EDGE_S) low = mid;
      else high = mid - 1;
    }
    return low;
  }

  within(frame) {
    return Math.min(this.last, Math.max(0, frame));
  }

  // The picture taken nearest to a moment, which may lie between two.
  goTime(time) {
    const before = this.at(time - EDGE_S);
    const after = this.within(before + 1);
    this.go(Math.abs(this.start(after) - time) < Math.abs(this.start(before) - time) ? after : before);
  }

  step(by) {
    this.video.pause();
    this.go((this.aim ?? this.frame) + by);
  }

  go(frame) {
    const target = (this.aim = this.within(frame));
    // While one seek is under way only the newest wish is kept, or a fast thumb would queue a hundred.
    if (this.video.seeking) this.wanted = target;
    else this.video.currentTime = this.middle(target);
    if (this.left) this.left.currentTime = this.middle(target);
    this.tell(this.middle(target));
  }

  arrived() {
    if (this.wanted === null) return this.tell(this.video.currentTime);
    const next = this.wanted;
    this.wanted = null;
    this.video.currentTime = this.middle(next);
  }

  toggle() {
    if (!this.video.paused) return this.video.pause();
    this.video.play().catch(() => this.tell(this.video.currentTime));
  }

  // Show another copy of the film, at the same moment.
  show(which, address) {
    this.shown = which;
    this.aim = null; // the other copy numbers its pictures in its own way
    if (this.video.src === new URL(address, document.baseURI).href) return this.dispatchEvent(new Event("source"));
    if (!this.left) this.video.addEventListener("loadedmetadata", () => this.goOn(), { once: true });
    this.left ??= { currentTime: this.video.currentTime, paused: this.video.paused };
    this.video.src = address;
  }

  goOn() {
    const { currentTime, paused } = this.left;
    this.left = null;
    this.video.currentTime = currentTime;
    if (!paused) this.video.play().catch(() => this.tell(currentTime));
    this.dispatchEvent(new Event("source"));
  }

  // Each picture is told as the screen really shows it, where the browser tells which.
  follow() {
    const { video } = this;
    if (!video.requestVideoFrameCallback) {
      video.addEventListener("timeupdate", () => this.tell(video.currentTime));
      return;
    }
    const each = (_, shown) => {
      if (!video.seeking) this.tell(shown.mediaTime);
      video.requestVideoFrameCallback(each);
    };
    video.requestVideoFrameCallback(each);
  }

  tell(time) {
    if (this.loop && !this.video.paused && time >= this.loop[1]) this.video.currentTime = this.loop[0];
    this.frame = this.at(time);
    this.dispatchEvent(new CustomEvent("frame", { detail: { frame: this.frame, time: this.start(this.frame) } }));
  }
}

// The film of this page and its steps, the same for every script that asks.
const root = document.querySelector("[data-player]");
const told = document.getElementById("film-steps");
export const film = root ? new Film(root) : null;
export const steps = told ? JSON.parse(told.textContent) : [];
