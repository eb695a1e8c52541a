// The play button: its sign and its name say what a press does.

export function showPlaying(button, playing) {
  button.querySelector("[data-when-paused]").hidden = playing;
  button.querySelector("[data-when-playing]").hidden = !playing;
  button.dataset.playLabel ??= button.getAttribute("aria-label");
  button.setAttribute("aria-label", playing ? button.dataset.pauseLabel : button.dataset.playLabel);
}
