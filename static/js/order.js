// The order form: what is known of a runner fills itself in, one press sends once.

import "./runner-search.js";
import { ask } from "./ask.js";

const form = document.querySelector("[data-order]");

// What was said here: how it was filmed, which a runner's last film does not undo, and the sizes of the one looked for.
const SIZES = ["height_m", "weight_kg"];
const chosenHere = new Set();

function choose(name, value) {
  if (!value || chosenHere.has(name)) return;
  for (const radio of form.elements[name]) {
    if (radio.value === value && !radio.checked) {
      radio.checked = true;
      radio.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
}

function take(runner) {
  if (!chosenHere.has("height_m")) form.elements.height_m.value = runner.dataset.height ?? "";
  if (!chosenHere.has("weight_kg")) form.elements.weight_kg.value = runner.dataset.weight ?? "";
  choose("view", runner.dataset.view);
  choose("treadmill", runner.dataset.treadmill);
  if (runner.dataset.pace && !chosenHere.has("pace")) form.elements.pace.value = runner.dataset.pace;
}

// A film that is there already is judged again when the view or the surface changes.
async function judge() {
  const place = form.querySelector("[data-checks-of]");
  if (!place) return;
  const { checksOf, strict } = place.dataset;
  const { view, treadmill } = form.elements;
  const { html } = await ask(place, checksOf, { view: view.value, treadmill: treadmill.value, strict });
  if (html === null) return;
  place.innerHTML = html;
  pressAgain();
}

// Who measures, what it costs, and why not: as it is for this runner, or for a new one of that group.
async function askPrice() {
  const place = form.querySelector("[data-price]");
  const given = [...new FormData(form)].filter(([name]) => ["runner", "group", "new_name"].includes(name));
  const { html } = await ask(place, place.dataset.price, given);
  if (html === null) return;
  place.innerHTML = html;
  offer();
}

// A runner whose name was typed in full arrives chosen.
form.addEventListener("runners:came", ({ target: place }) => {
  const chosen = place.querySelector("[data-runner]:checked");
  if (chosen) take(chosen);
  askPrice();
});
form.addEventListener("input", ({ isTrusted, target: { name } }) => {
  if (isTrusted && ["view", "treadmill", "pace", ...SIZES].includes(name)) chosenHere.add(name);
  if (name === "q" || name === "runner") SIZES.forEach((size) => chosenHere.delete(size)); // those of another
});
form.addEventListener("change", (event) => {
  if (event.target.matches("[data-runner]")) take(event.target);
  if (event.target.name === "treadmill" || event.target.name === "view") judge();
  if (event.target.name === "runner" || event.target.name === "group") askPrice();
});

// Measure may be pressed while the film is still on its way: the order goes out by itself once the film is there.
const send = form.querySelector("[data-send]");
const said = form.querySelector("[data-said]");
let waiting = false;

function offer() {
  send.disabled = form.querySelector("[data-not-agreed]") !== null;
}

function wait(on) {
  waiting = on;
  said.textContent = on ? send.dataset.waiting : "";
}

form.addEventListener("submit", (event) => {
  const trouble = whatIsWrong();
  if (trouble === "" && !send.disabled) {
    form.action = address();
    form.dispatchEvent(new CustomEvent("film:ordered"));
    return;
  }
  event.preventDefault();
  if (trouble === "waiting") {
    wait(true);
    judge(); // anew, where the answer never came
    // Whoever presses it by hand presses the film's "Try again" as well, which a small screen has out of sight.
    if (event.submitter) form.querySelector("[data-retry]:not([hidden])")?.click();
  } else if (trouble) said.textContent = send.dataset[trouble];
});

// Where the order goes names the film: refused, or sent on to sign in, it is there again whenever the page is opened.
function address() {
  const given = new FormData(form);
  return `?${new URLSearchParams(["clip", "runner", "view"].map((name) => [name, given.get(name) ?? ""]))}`;
}

// The word for what keeps the film from being ordered: missing, refused, unaccepted, or still on its way.
function whatIsWrong() {
  const unaccepted = form.querySelector("input[name=accepted]:not(:checked)");
  if (unaccepted) {
    unaccepted.focus();
    return "unaccepted";
  }
  if (form.querySelector("input[name=clip]")) return "";
  if (form.querySelector("[data-checks-of]:empty")) return "waiting";
  if (!form.querySelector("[data-films] li")) return "missing";
  if (form.querySelector("[data-retry]:not([hidden])")) return "waiting"; // nothing is wrong with the film itself
  return form.querySelector(".checks .no, [data-problem]:not([hidden])") ? "refused" : "waiting";
}
// Pressed again by itself when there is a verdict: a film that may not be sent says so as if a person had pressed.
function pressAgain() {
  if (!waiting) return;
  wait(false);
  form.requestSubmit();
}
form.addEventListener("film:ready", pressAgain);
form.addEventListener("film:refused", pressAgain);
form.addEventListener("film:gone", () => wait(false));
form.addEventListener("change", () => {
  if (!waiting) said.textContent = "";
});
// Whoever comes back from asking for consent finds it counted.
addEventListener("focus", () => {
  if (form.querySelector("[data-not-agreed]")) askPrice();
});
addEventListener("pageshow", offer);
judge();
