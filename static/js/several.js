// Several films at once: a row for each asks what it is meant for, and one button orders all that are ready, one by
// one. A row that is refused says why and stays; a reload finds every row as it was (kept-films.js).

import "./runner-search.js";
import { ask, fetched } from "./ask.js";

const page = document.querySelector("[data-films-page]");
const field = page.querySelector("[data-upload]");
const list = page.querySelector("[data-films]");
const forAll = page.querySelector("[data-for-all]");
const bar = page.querySelector("[data-send-bar]");
const button = bar.querySelector("[data-order-all]");
const said = bar.querySelector("[data-said]");
const texts = JSON.parse(document.getElementById("several-texts").textContent);
const SIZES = ["height_m", "weight_kg"];
const OF_ANOTHER = Object.fromEntries(SIZES.map((name) => [name, ""])); // what was typed of one is not said of another
const REMEMBERED = ["runner", "new_name", "group", "view", "treadmill", "pace", ...SIZES];
let ordering = false;
list.before(forAll);

const choicesOf = (item) => item.querySelector("[data-choices]");
const rowOf = (item) => item.querySelector("[data-film-row]");
const answers = (form) => Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "q"));
const orderOf = (item) => new URLSearchParams(answers(choicesOf(item)));

// What is chosen for all, as far as it is chosen.
const shared = () => Object.fromEntries(Object.entries(answers(forAll)).filter(([, value]) => value !== ""));

function isReady(item) {
  const unaccepted = item.querySelector("input[name=accepted]:not(:checked)");
  return rowOf(item)?.dataset.ready === "1" && !unaccepted;
}

function total() {
  const ready = [...list.children].filter(isReady);
  const price = ready.reduce((sum, item) => sum + Number(rowOf(item).dataset.price), 0);
  bar.hidden = forAll.hidden = ![...list.children].some((item) => !rowOf(item)?.hasAttribute("data-ordered"));
  const told = bar.querySelector("[data-price]");
  told.textContent = texts.prices[Math.min(price, texts.prices.length - 1)];
  told.parentElement.hidden = ready.length === 0; // nothing is no price: it would read as free
  bar.querySelector("[data-label]").textContent = texts.orders[ready.length];
  button.disabled = ordering || ready.length === 0;
}

function put(item, html) {
  const form = choicesOf(item);
  const active = form.contains(document.activeElement) ? document.activeElement : null;
  form.innerHTML = html; // our own template, every value escaped by it
  if (active) {
    const same = active.name && form.querySelector(`[name="${active.name}"]:not([type=radio]):not([type=hidden])`);
    (same ?? form.querySelector("summary"))?.focus();
    if (same?.matches("input") && active.value !== active.defaultValue) typeOn(same, active.value);
  }
  if (rowOf(item)?.hasAttribute("data-ordered")) {
    item.film.ordered();
    item.classList.add("done");
    item.querySelector("[data-remove]").hidden = true;
    item.querySelector("[data-state]").textContent = "";
  }
  total();
}

// A field in which somebody types while its row comes anew stays as it is typed, and counts when it is left.
function typeOn(field, typed) {
  field.value = typed;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.addEventListener("blur", () => field.dispatchEvent(new Event("change", { bubbles: true })), { once: true });
}

const why = ({ status, signedOut }) => (signedOut ? texts.signed_out : status ? texts.failed : texts.broken);

async function refresh(item, chosen) {
  const { film } = item;
  const before = `${chosen.view} ${chosen.treadmill}`;
  const answer = await ask(item, page.dataset.rowUrl, { ...chosen, clip: film.ways.code });
  if (film.gone) return;
  if (answer.status === 404) return film.remove(); // no longer there: removed on another device, or swept
  if (answer.html === null) return film.show({ problem: why(answer) });
  const ticked = item.querySelector("input[name=accepted]:checked") !== null;
  put(item, answer.html);
  // The tick holds as long as what it was given for.
  const tick = item.querySelector("input[name=accepted]");
  if (tick && ticked && before === item.ticked) tick.checked = true;
  item.ticked = before;
  film.show({});
  total();
}

// What a row asks no more, such as the pace of no belt, keeps what was said of it before.
function changed(item, also = {}) {
  const { film } = item;
  if (!film.found || rowOf(item)?.hasAttribute("data-ordered")) return; // not yet, or no longer
  const given = { ...film.chosen, ...answers(choicesOf(item)), ...also };
  const chosen = Object.fromEntries(REMEMBERED.filter((name) => given[name]).map((name) => [name, given[name]]));
  film.remember(chosen);
  refresh(item, chosen);
}

field.addEventListener("film:ready", ({ detail: { row } }) => {
  row.item.querySelector("[data-state]").textContent = "";
  changed(row.item, { ...shared(), ...row.chosen });
});
list.addEventListener("change", ({ target }) => {
  const item = target.closest(".upload-film");
  if (target.name === "accepted") total();
  else if (target.name === "q") takeFound(item);
  else if (choicesOf(item).contains(target)) changed(item, target.name === "runner" ? OF_ANOTHER : {});
});
list.addEventListener("runners:came", ({ target }) => {
  const item = target.closest(".upload-film");
  if (document.activeElement.name !== "q") takeFound(item);
});

// A new runner's name comes chosen: there is nothing to press. It counts as soon as the field is left.
function takeFound(item) {
  if (choicesOf(item).querySelector(".film-runners input[value=new]:checked")) changed(item, OF_ANOTHER);
}
// Whoever comes back from asking for consent finds it counted.
addEventListener("focus", () => {
  for (const item of list.children) if (item.querySelector("[data-not-agreed]")) changed(item);
});
list.addEventListener("submit", (event) => event.preventDefault());
forAll.addEventListener("submit", (event) => event.preventDefault());
forAll.addEventListener("change", ({ target: { name, value } }) => {
  for (const item of value ? list.children : []) {
    const own = choicesOf(item).querySelector(`[name=${name}]`);
    if (own) own.value = value; // at once: the next change may come before the row is here anew
    changed(item, { [name]: value });
  }
});
new MutationObserver(total).observe(list, { childList: true });

button.addEventListener("click", async () => {
  ordering = true;
  said.textContent = "";
  total();
  for (const item of [...list.children].filter(isReady)) {
    if (!(await order(item))) break;
  }
  await askPrices();
  ordering = false;
  total();
});

// What the page would say of the credits if opened anew.
async function askPrices() {
  const { html } = await ask(page, location.href);
  if (html === null) return;
  const anew = new DOMParser().parseFromString(html, "text/html");
  texts.prices = JSON.parse(anew.getElementById("several-texts").textContent).prices;
}

// Order one film. Returns whether the next one may be tried: not after a broken connection.
async function order(item) {
  const { film } = item;
  film.show({ state: texts.ordering });
  const body = orderOf(item);
  const headers = { "X-CSRFToken": film.server.token };
  const answer = await fetched(page.dataset.orderUrl, { method: "POST", body, headers });
  film.show({});
  if (answer.html === null) {
    said.textContent = why(answer);
    return false;
  }
  // What was refused, and is chosen otherwise since, is said no more.
  if (answer.status !== 422 || String(body) === String(orderOf(item))) put(item, answer.html);
  return true;
}
total();
