// Two films as one: a place in the stride moves both, whatever their frame rates and step rates.

import { Ghost } from "./ghost.js";
import { showPlaying } from "./play-button.js";

const FAR_S = 0.15; // further apart than this a film jumps; nearer it only runs a little slower or faster
const PULL = 3; // how strongly, per second apart
const SLOWEST = 0.0625; // the least a browser plays
const STEP = 0.01;
const PLOT_WIDTH = 300; // of a curve, in the drawing's units

class Film {
  constructor(box) {
    this.box = box;
    this.video = box.querySelector("video");
    this.moments = box.dataset.moments.trim().split(/\s+/).map(Number);
    this.shown = box.dataset.annotated ? "annotated" : "original";
    this.wanted = null;
    this.video?.addEventListener("seeked", () => {
      const next = this.wanted;
      this.wanted = null;
      if (next !== null) this.video.currentTime = next;
    });
  }

  get fps() {
    return Number(this.box.dataset[`${this.shown}Fps`]) || 30;
  }

  length(stride) {
    return this.moments[stride + 1] - this.moments[stride];
  }

  // When the picture begins that is shown at that time.
  start(time) {
    return Math.floor(time * this.fps + 1e-3) / this.fps;
  }

  // To the middle of the picture that is shown at that time, so that no rounding shows its neighbour.
  seek(time) {
    if (!this.video) return;
    const middle = this.start(time) + 0.5 / this.fps;
    if (this.video.seeking) this.wanted = middle;
    else if (Math.abs(this.video.currentTime - middle) > 1e-4) this.video.currentTime = middle;
  }

  follow(time, rate) {
    if (!this.video) return;
    const apart = this.video.currentTime - time;
    if (rate === 0) {
      if (!this.video.paused) this.video.pause();
      return;
    }
    if (this.video.paused) this.video.play().catch(() => {});
    if (Math.abs(apart) > FAR_S && !this.video.seeking) this.video.currentTime = time;
    this.video.playbackRate = Math.min(4, Math.max(SLOWEST, rate * (1 - Math.min(0.5, Math.max(-0.5, apart * PULL)))));
  }

  show(which) {
    if (!this.video || !this.box.dataset[which]) return;
    this.shown = which;
    this.video.src = this.box.dataset[which];
  }
}

class Pair {
  constructor(root) {
    this.root = root;
    this.films = [...root.querySelectorAll("[data-film]")].map((box) => new Film(box));
    this.now = this.films.find((film) => film.box.dataset.film === "now");
    this.before = this.films.find((film) => film.box.dataset.film === "before");
    this.strides = this.now.moments.length - 1;
    this.place = 0; // strides since the first strike
    this.speed = 0.25;
    this.mode = "share";
    this.playing = false;
    this.scrub = root.querySelector("[data-scrub]");
    this.where = root.querySelector("[data-where]");
    this.cursors = [...document.querySelectorAll("[data-curve]")].map((curve) => ({
      own: curve.dataset.curve === root.dataset.side,
      line: curve.querySelector("[data-cursor]"),
    }));
    const bones = root.querySelector("[data-bones]");
    if (bones) this.bones = new Ghost(root, this.now, this.before);
    this.listen();
    this.go(0);
  }

  listen() {
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.step) this.step(Number(button.dataset.step));
      if ("play" in button.dataset) this.toggle();
      if (button.dataset.speed) this.press("speed", button, () => { this.speed = Number(button.dataset.speed); });
      if (button.dataset.mode) this.press("mode", button, () => { this.mode = button.dataset.mode; });
      if (button.dataset.show) this.press("show", button, () => this.change(button.dataset.show));
      if ("ghost" in button.dataset) this.ghost(button);
      if ("bones" in button.dataset) this.lay(button);
      if (button.dataset.anchor) this.press("anchor", button, () => { this.bones.at = button.dataset.anchor; });
    });
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.scrub.addEventListener("input", () => {
      this.pause();
      this.go(Number(this.scrub.value) * STEP);
    });
    const opacity = this.root.querySelector("[data-opacity]");
    opacity.addEventListener("input", () => this.fade(opacity));
    for (const film of this.films) {
      film.video?.addEventListener("loadedmetadata", () => {
        if (!this.playing) this.go(this.place);
      });
      film.video?.addEventListener("click", () => this.toggle());
    }
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("[data-opacity]")) return;
    const far = event.shiftKey ? 10 : 1;
    const keys = {
      ArrowLeft: () => this.step(-far),
      ArrowRight: () => this.step(far),
      Home: () => this.stop(0),
      End: () => this.stop(this.strides),
    };
    if (!event.target.closest("button, a")) keys[" "] = () => this.toggle();
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }

  press(kind, pressed, deed) {
    deed();
    for (const button of this.root.querySelectorAll(`[data-${kind}]`)) {
      button.setAttribute("aria-pressed", String(button === pressed));
    }
    if (!this.playing) this.go(this.place);
  }

  change(which) {
    for (const film of this.films) film.show(which);
  }

  ghost(button) {
    const on = button.getAttribute("aria-pressed") !== "true";
    const opacity = this.root.querySelector("[data-opacity]");
    button.setAttribute("aria-pressed", String(on));
    this.root.querySelector("[data-stage]").classList.toggle("ghost", on);
    opacity.hidden = !on;
    if (on) this.fade(opacity);
    else if (this.before.video) this.before.video.style.opacity = "";
  }

  // The earlier skeleton over the newer film; its points are fetched when they are first wanted.
  async lay(button) {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.disabled = true;
    this.bones.on = on && (await this.bones.load().catch(() => false));
    button.disabled = false;
    button.setAttribute("aria-pressed", String(this.bones.on));
    for (const anchors of this.root.querySelectorAll("[data-anchors]")) anchors.hidden = !this.bones.on;
    this.draw();
  }

  fade(opacity) {
    if (this.before.video) this.before.video.style.opacity = String(Number(opacity.value) / 100);
  }

  step(by) {
    this.stop(Math.round(this.place / STEP + by) * STEP);
  }

  stop(place) {
    this.pause();
    this.go(place);
  }

  toggle() {
    if (this.playing) {
      this.pause();
      this.go(Math.round(this.place / STEP) * STEP);
      return;
    }
    if (this.place >= this.strides) this.go(0);
    this.playing = true;
    this.tell();
    let last = performance.now();
    const each = (at) => {
      if (!this.playing) return;
      const passed = Math.min(0.1, (at - last) / 1000);
      last = at;
      this.advance(passed);
      requestAnimationFrame(each);
    };
    requestAnimationFrame(each);
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    for (const film of this.films) film.video?.pause();
    this.tell();
  }

  advance(passed) {
    const place = this.place + (passed * this.speed) / this.clock(this.stride);
    if (place >= this.strides) {
      for (const film of this.films) if (film.video) film.video.currentTime = film.moments[0];
      this.place = 0;
    } else {
      this.place = place;
    }
    const clock = this.clock(this.stride);
    for (const film of this.films) film.follow(this.time(film), this.speed * this.rate(film, clock));
    this.draw();
  }

  get stride() {
    return Math.min(this.strides - 1, Math.max(0, Math.floor(this.place + 1e-9)));
  }

  // How long a stride takes on screen at full speed: the newer film's, or the longer one where strikes are waited for.
  clock(stride) {
    const now = this.now.length(stride);
    return this.mode === "strike" ? Math.max(now, this.before.length(stride)) : now;
  }

  // Seconds of a film in a second of the clock; none while it waits for the other's strike.
  rate(film, clock) {
    const own = film.length(this.stride);
    if (this.mode === "share") return own / clock;
    return (this.place - this.stride) * clock < own ? 1 : 0;
  }

  time(film) {
    const share = this.place - this.stride;
    const own = film.length(this.stride);
    const passed = this.mode === "strike" ? Math.min(own, share * this.clock(this.stride)) : share * own;
    return film.moments[this.stride] + passed;
  }

  go(place) {
    this.place = Math.min(this.strides, Math.max(0, place));
    for (const film of this.films) film.seek(this.time(film));
    this.draw();
  }

  draw() {
    const percent = Math.round(Math.min(1, this.place - this.stride) * 100);
    this.scrub.value = Math.round(this.place / STEP);
    const said = `${this.where.dataset.stride} ${this.stride + 1}/${this.strides} · ${percent}\u00a0%`;
    if (this.root.dataset.by === "strike") {
      this.where.textContent = said;
      this.scrub.setAttribute("aria-valuetext", said);
    }
    this.skeleton();
    for (const { own, line } of this.cursors) {
      if (!own) continue;
      line.setAttribute("visibility", "visible");
      for (const end of ["x1", "x2"]) line.setAttribute(end, (percent * PLOT_WIDTH) / 100);
    }
  }

  // A film that plays is drawn on as it really is, for it may be a little behind.
  skeleton() {
    if (!this.bones) return;
    const { now, before, stride } = this;
    const time = this.playing ? now.video.currentTime : this.time(now);
    const strikes = [now, before].map((film) => film.moments[stride]);
    this.bones.draw([now.start(time), before.start(this.time(before))], strikes);
  }

  tell() {
    showPlaying(this.root.querySelector("[data-play]"), this.playing);
  }
}

for (const root of document.querySelectorAll("[data-pair]")) new Pair(root);
