// j and k move, Enter opens, e marks as reviewed.

const list = document.querySelector("[data-lines]");

function lines() {
  return [...list.querySelectorAll("[data-line]")];
}

function move(by) {
  const all = lines();
  if (!all.length) return;
  const now = all.findIndex((line) => line.contains(document.activeElement));
  const next = all[Math.min(all.length - 1, Math.max(0, now < 0 ? 0 : now + by))];
  next.querySelector("a").focus();
  next.scrollIntoView({ block: "nearest" });
}

async function review(form) {
  const answer = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { "HX-Request": "true" },
  });
  // Anything but a plain yes shows itself as the page the form leads to.
  if (answer.status !== 204) return form.submit();
  const line = form.closest("li");
  const next = line.nextElementSibling ?? line.previousElementSibling;
  line.remove();
  if (next) next.querySelector("a").focus();
  else location.reload();
}

if (list) {
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j") move(1);
    if (event.key === "k") move(-1);
    if (event.key === "e") document.activeElement.closest("[data-line]")?.querySelector("[data-review]")?.requestSubmit();
  });
  list.addEventListener("submit", (event) => {
    if (event.target.matches("[data-review]")) {
      event.preventDefault();
      review(event.target);
    }
  });
}
