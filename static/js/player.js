// The film's controls: buttons, keys, the strip, a thumb dragged over the picture, full screen, speed, loop.

import { film } from "./film.js";
import { showPlaying } from "./play-button.js";

const DRAG_PX = 6; // a thumb's way for one picture
const seconds = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 3, maximumFractionDigits: 3 });

function setSpeed(root, speed) {
  film.video.playbackRate = Number(speed);
  film.video.defaultPlaybackRate = Number(speed);
  for (const button of root.querySelectorAll("[data-speed]")) {
    button.setAttribute("aria-pressed", String(button.dataset.speed === speed));
  }
}

// Loop the stride that is on the screen; without one the whole film goes round anyway.
function toggleLoop(button) {
  const on = !film.loop;
  film.loop = on ? film.stride?.() ?? null : null;
  button.setAttribute("aria-pressed", String(Boolean(film.loop)));
  if (film.loop) {
    film.goTime(film.loop[0]);
    film.video.play().catch(() => {});
  }
}

function toggleFull(root) {
  if (document.fullscreenElement) document.exitFullscreen();
  else if (root.requestFullscreen) root.requestFullscreen();
  else film.video.webkitEnterFullscreen?.(); // a telephone that lets only a film fill its screen
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input[type=text], textarea, select")) return;
  const keys = {
    ArrowLeft: () => film.step(event.shiftKey ? -10 : -1),
    ArrowRight: () => film.step(event.shiftKey ? 10 : 1),
    Home: () => film.go(0),
    End: () => film.go(film.last),
  };
  if (!event.target.closest("button")) keys[" "] = () => film.toggle();
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
}

// A thumb dragged over the picture turns the film like a wheel; a tap plays and stops it.
function wheel(picture) {
  let from = null;
  picture.addEventListener("pointerdown", (event) => {
    if (event.button || event.target.closest("button")) return;
    from = { x: event.clientX, frame: film.frame, moved: false };
  });
  picture.addEventListener("pointermove", (event) => {
    if (!from || (!from.moved && Math.abs(event.clientX - from.x) < DRAG_PX)) return;
    if (!from.moved) {
      film.video.pause();
      picture.setPointerCapture(event.pointerId);
      from.moved = true;
    }
    film.go(from.frame + Math.round((event.clientX - from.x) / DRAG_PX));
  });
  picture.addEventListener("pointerup", (event) => {
    if (from && !from.moved && !event.target.closest("button")) film.toggle();
    from = null;
  });
  picture.addEventListener("pointercancel", () => {
    from = null;
  });
}

function listen(root) {
  const scrub = root.querySelector("[data-scrub]");
  const where = root.querySelector("[data-where]");
  const play = root.querySelector("[data-play]");
  root.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.step) film.step(Number(button.dataset.step));
    if ("play" in button.dataset) film.toggle();
    if ("loop" in button.dataset) toggleLoop(button);
    if ("full" in button.dataset) toggleFull(root);
    if (button.dataset.speed) setSpeed(root, button.dataset.speed);
  });
  root.addEventListener("keydown", key);
  scrub.addEventListener("input", () => film.go(Number(scrub.value)));
  for (const name of ["play", "pause"]) film.video.addEventListener(name, () => showPlaying(play, !film.video.paused));
  film.addEventListener("frame", ({ detail }) => {
    scrub.max = film.last;
    scrub.value = detail.frame;
    const at = `${seconds.format(detail.time)}\u00a0s`;
    scrub.setAttribute("aria-valuetext", `${detail.frame}, ${at}`);
    where.textContent = `${detail.frame} · ${at}`;
  });
  wheel(root.querySelector(".picture"));
  setSpeed(root, "0.25");
  film.tell(film.video.currentTime);
}

if (film) listen(film.root);
