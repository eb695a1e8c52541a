// A note at the picture on the screen: its link carries the picture's number, and a note leads back to its picture.

import { film } from "./film.js";

if (film) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-note]");
    if (link) link.search = `?frame=${film.frame}`;
  });
  const wanted = Number.parseInt(new URLSearchParams(location.search).get("frame"), 10);
  if (wanted >= 0) film.whenMovable(() => film.go(wanted));
}
