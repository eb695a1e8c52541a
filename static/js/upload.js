// Take films in: chosen or dropped, each becomes a row that sends itself (film-row.js).
//
// One is sent at a time, for a poor network carries one film faster than three; what broke off is sent again by itself,
// at once when the device comes back online. A film on its way outlives the page: opened again, the page lists it and goes on
// (kept-films.js). Events on the field, bubbling: "film:ready", "film:refused", "film:gone", each with {row}.
//
// A field for one film (data-many names the page for several) hands many over to that page, through what the device
// keeps. A field for several (data-several) leaves what each film is meant for to a form of its own in each row.

import { Row } from "./film-row.js";
import { forget, keep, keptBy } from "./kept-films.js";
import { Server } from "./server.js";

class Field {
  constructor(root) {
    this.root = root;
    this.texts = JSON.parse(document.getElementById("upload-texts").textContent);
    this.server = new Server(root.dataset.token, this.texts);
    this.input = root.querySelector("[data-input]");
    this.list = root.querySelector("[data-films]");
    this.several = "several" in root.dataset;
    this.rows = [];
    this.queue = Promise.resolve();
    this.input.addEventListener("change", () => this.takeChosen());
    this.listenForDrops(root.querySelector("[data-drop]"));
    root.closest("form")?.addEventListener("change", (event) => {
      if (event.target.name === "view" || event.target.name === "treadmill") this.askAgain();
    });
    window.addEventListener("online", () => this.rows.forEach((row) => row.sendAgain()));
    window.addEventListener("beforeunload", (event) => {
      if (this.rows.some((row) => row.busy && row.kept === null)) event.preventDefault();
    });
    root.closest("form")?.addEventListener("film:ordered", () => this.rows.forEach((row) => forget(row.kept)));
    this.wentOn = this.goOn().catch(console.warn);
    this.takeChosen(); // while this script was on its way
  }

  // What an earlier visit to this page could not finish.
  async goOn() {
    const films = await keptBy(this.root.dataset.owner);
    const waiting = this.root.querySelector("[data-waiting]");
    if (!this.several && films.length > 1 && waiting) waiting.hidden = false;
    else for (const film of films) this.add(new Row(this, film.file, film));
  }

  listenForDrops(drop) {
    for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
      drop.addEventListener(kind, (event) => {
        event.preventDefault();
        drop.classList.toggle("over", kind === "dragenter" || kind === "dragover");
        if (kind === "drop") this.take(event.dataTransfer.files);
      });
    }
  }

  takeChosen() {
    if (this.input.files.length) this.take(this.input.files);
    this.input.value = ""; // so that the same film can be chosen again
  }

  async take(chosen) {
    const files = [...chosen]; // the field lets go of them
    await this.wentOn; // a film of an earlier visit stands before these
    if (!this.several && files.length > 1 && this.root.dataset.many) return this.handOver(files);
    const most = this.several ? Math.max(0, this.root.dataset.most - this.rows.length) : 1;
    for (const file of files.slice(0, most)) {
      if (!this.several) [...this.rows].forEach((row) => row.remove());
      this.add(new Row(this, file));
    }
    const over = this.root.querySelector("[data-over]");
    if (over) over.hidden = files.length <= most;
  }

  // To the page for several films, with the films in what the device keeps.
  async handOver(files) {
    for (const file of files) await keep({ owner: this.root.dataset.owner, file, startAt: null, ways: null });
    location.assign(this.root.dataset.many);
  }

  add(row) {
    this.rows.push(row);
    this.list.append(row.item);
    row.start();
  }

  question() {
    const given = new FormData(this.root.closest("form") ?? undefined);
    return {
      view: given.get("view") ?? "", // of several films nobody has said it yet
      treadmill: given.get("treadmill") ?? "",
      strict: this.root.dataset.strict,
    };
  }

  askAgain() {
    for (const row of this.rows) row.judgeAgain();
  }

  tell(name, detail) {
    this.root.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }
}

for (const root of document.querySelectorAll("[data-upload]")) root.field ??= new Field(root);
