// Hand a link to the phone's own share sheet, where there is one; and mark the whole address at a touch.

const send = document.querySelector("[data-send]");
if (send && navigator.share) {
  send.hidden = false;
  send.addEventListener("click", () => {
    // Closing the sheet without choosing anybody is no fault.
    navigator.share({ title: send.dataset.title, url: send.dataset.send }).catch(() => {});
  });
}

for (const field of document.querySelectorAll("[data-select]")) field.addEventListener("focus", () => field.select());
