// The film: step by one picture, go to a step, play slowly, change between the skeleton and the plain film.
//
// Picture k is shown by seeking to the middle of its time, (k + 0.5) / fps: at its edge, rounding picks a neighbour.

class Player {
  constructor(root) {
    this.root = root;
    this.video = root.querySelector("video");
    this.shown = root.dataset.shown;
    this.scrub = root.querySelector("[data-scrub]");
    this.where = root.querySelector("[data-where]");
    this.wanted = null; // the picture to go to once the seek under way has ended
    this.listen();
    this.setSpeed("0.25");
    this.follow();
  }

  // The two films may have different rates: a copy for the browser has at most 240 pictures a second.
  get fps() {
    return Number(this.root.dataset[`${this.shown}Fps`]) || 30;
  }

  get frame() {
    return Math.max(0, Math.floor(this.video.currentTime * this.fps + 1e-3));
  }

  get last() {
    return Number.isFinite(this.video.duration) ? Math.max(0, Math.round(this.video.duration * this.fps) - 1) : Number(this.scrub.max);
  }

  listen() {
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.step) this.step(Number(button.dataset.step));
      if ("play" in button.dataset) this.toggle();
      if (button.dataset.speed) this.setSpeed(button.dataset.speed);
      if (button.dataset.show) this.show(button.dataset.show);
    });
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.scrub.addEventListener("input", () => this.go(Number(this.scrub.value)));
    this.video.addEventListener("click", () => this.toggle());
    this.video.addEventListener("play", () => this.tell());
    this.video.addEventListener("pause", () => this.tell());
    this.video.addEventListener("loadedmetadata", () => {
      this.scrub.max = this.last;
      this.draw(this.video.currentTime);
    });
    this.video.addEventListener("seeked", () => {
      if (this.wanted === null) return this.draw(this.video.currentTime);
      const next = this.wanted;
      this.wanted = null;
      this.seek(next);
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest("[data-seek]");
      if (!link) return;
      this.video.pause();
      this.go(Math.round(Number(link.dataset.seek) * this.fps));
      if (this.root.getBoundingClientRect().top < 0) this.root.scrollIntoView({ block: "start" });
    });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const onButton = event.target.closest("button");
    const keys = {
      ArrowLeft: () => this.step(event.shiftKey ? -10 : -1),
      ArrowRight: () => this.step(event.shiftKey ? 10 : 1),
      Home: () => this.go(0),
      End: () => this.go(this.last),
    };
    if (!onButton) keys[" "] = () => this.toggle();
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }

  step(by) {
    this.video.pause();
    this.go((this.wanted ?? this.frame) + by);
  }

  go(frame) {
    const within = Math.min(this.last, Math.max(0, frame));
    // While one seek is under way only the newest wish is kept, or a fast thumb would queue a hundred.
    if (this.video.seeking) this.wanted = within;
    else this.seek(within);
    this.draw((within + 0.5) / this.fps);
  }

  seek(frame) {
    this.video.currentTime = (frame + 0.5) / this.fps;
  }

  toggle() {
    if (this.video.paused) this.video.play().catch(() => this.tell());
    else this.video.pause();
  }

  setSpeed(speed) {
    this.video.playbackRate = Number(speed);
    this.video.defaultPlaybackRate = Number(speed);
    for (const button of this.root.querySelectorAll("[data-speed]")) {
      button.setAttribute("aria-pressed", button.dataset.speed === speed);
    }
  }

  show(which) {
    const { currentTime, paused } = this.video;
    this.shown = which;
    this.video.src = this.root.dataset[which];
    this.video.addEventListener("loadedmetadata", () => {
      this.video.currentTime = currentTime;
      if (!paused) this.video.play();
    }, { once: true });
    for (const button of this.root.querySelectorAll("[data-show]")) {
      button.setAttribute("aria-pressed", button.dataset.show === which);
    }
  }

  tell() {
    const button = this.root.querySelector("[data-play]");
    const playing = !this.video.paused;
    button.querySelector("[data-when-paused]").hidden = playing;
    button.querySelector("[data-when-playing]").hidden = !playing;
    this.playLabel ??= button.getAttribute("aria-label");
    button.setAttribute("aria-label", playing ? button.dataset.pauseLabel : this.playLabel);
  }

  // The position is drawn for each picture the screen really shows, where the browser tells which.
  follow() {
    if (!this.video.requestVideoFrameCallback) {
      this.video.addEventListener("timeupdate", () => this.draw(this.video.currentTime));
      return;
    }
    const each = (_, shown) => {
      if (!this.video.seeking) this.draw(shown.mediaTime + 0.5 / this.fps);
      this.video.requestVideoFrameCallback(each);
    };
    this.video.requestVideoFrameCallback(each);
  }

  draw(time) {
    const frame = Math.min(this.last, Math.max(0, Math.floor(time * this.fps + 1e-3)));
    this.scrub.value = frame;
    this.where.textContent = `${frame} · ${(frame / this.fps).toFixed(3)} s`;
    for (const step of document.querySelectorAll("[data-seek]")) {
      const apart = frame / this.fps - Number(step.dataset.seek);
      step.toggleAttribute("data-here", apart > -0.5 / this.fps && apart < 0.25);
    }
  }
}

for (const root of document.querySelectorAll("[data-player]")) new Player(root);
