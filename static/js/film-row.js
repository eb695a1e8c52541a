// One film on its way: looked at before it is sent, sent with a progress bar, judged by the server's check list.
//
// It goes to the address the server names: our own server, or a signed form of the object store. While the connection is
// broken nothing is lost: the film is still on the device and is sent again.

import { ask } from "./ask.js";
import { forget, keep } from "./kept-films.js";
import { Broken, Refused } from "./server.js";

const TRIES = 3;
const LOOK_MS = 4000;
const COPY_MS = 2000;
const AGAIN_MS = 15_000;

export class Row {
  // `before` is what an earlier visit left of the same film: {id, startAt, ways}; `ways` once the server has it.
  constructor(field, file, before = {}) {
    this.field = field;
    this.server = field.server;
    this.file = file;
    this.kept = before.id ?? null;
    this.item = field.root.querySelector("[data-row]").content.firstElementChild.cloneNode(true);
    this.ways = before.ways ?? null; // the server's answer to "begin"
    this.startAt = before.startAt ?? null; // where the part begins that is kept of a long film
    this.trim = null; // of a film that may be too long
    this.chosen = before.chosen ?? {}; // what a person said of it on the page for several
    this.sent = Boolean(before.ways);
    this.item.film = this;
    this.video = this.item.querySelector("video");
    this.done = this.gone = this.trimming = this.broken = this.busy = false;
    this.found = null; // the server's answer to "finish"
    this.stale = false; // another view was chosen since the film was judged
    this.part("name").textContent = file.name;
    this.part("retry").addEventListener("click", () => this.start());
    this.part("remove").addEventListener("click", () => this.remove());
  }

  part(name) {
    return this.item.querySelector(`[data-${name}]`);
  }

  start() {
    if (this.busy || this.gone) return;
    this.busy = true;
    this.broken = this.trimming = false;
    this.found = null;
    this.show({ state: this.field.texts.waiting });
    this.field.queue = this.field.queue.then(() => this.run());
  }

  // What broke off is sent again; without a network it waits for one.
  sendAgain() {
    if (this.broken && navigator.onLine) this.start();
  }

  async run() {
    try {
      for (let tried = 1; !this.gone; tried += 1) {
        try {
          await this.send();
          return;
        } catch (error) {
          if (!(error instanceof Broken) || tried >= TRIES || this.gone) throw error;
          this.goRound();
          await new Promise((wake) => setTimeout(wake, 500 * 2 ** tried));
        }
      }
    } catch (error) {
      this.fail(error);
    } finally {
      this.busy = false;
      if (this.gone) this.drop();
      else if (this.stale) this.judgeAgain();
    }
  }

  async send() {
    const { texts: words } = this.field;
    if (this.kept === null) await this.keepHere();
    if (!this.ways) {
      this.show({ state: words.reading });
      this.known ??= await look(URL.createObjectURL(this.file), this.video);
      if (!(this.known.duration <= this.field.root.dataset.seconds)) await this.mayBeLong();
      const facts = { name: this.file.name, size: this.file.size, ...this.known, ...this.question() };
      if (this.trim && facts.duration) facts.duration /= this.trim.slowedBy;
      this.ways = await this.server.post(this.field.root.dataset.begin, facts);
      if (this.gone) return;
      this.show({ html: this.field.several ? "" : this.ways.html });
    }
    if (!this.sent) {
      this.show({ state: words.sending, share: 0 });
      await this.upload();
      this.sent = true;
      await this.keepHere();
    } else if (!this.video.src) {
      await look(URL.createObjectURL(this.file), this.video);
    }
    if (this.gone) return;
    this.show({ state: words.checking, share: 1 });
    const found = await this.server.post(this.ways.finish_url, this.question());
    if (this.gone) return;
    this.done = found.may_be_sent;
    if (this.stale) return; // judged for what is no longer chosen: run() asks again
    this.show({ html: this.field.several ? "" : found.html });
    this.found = found;
    this.judged();
    this.showCopy(found).catch((error) => this.fail(error)); // nobody waits for it
  }

  // Where the browser cannot play the film itself, its copy is shown once a worker has made it; and then a person can
  // find the best part of a film whose length the browser could not tell.
  async showCopy(found) {
    const isNews = () => this.found === found && !this.gone;
    if (found.trimmable) await this.mayBeLong();
    if (!this.video.videoWidth) {
      if (found.trimmable) this.show({ state: this.field.texts.copying });
      let { copy } = found;
      while (copy === "") {
        await new Promise((wake) => setTimeout(wake, COPY_MS));
        if (!isNews()) return;
        ({ copy } = await this.server.post(this.ways.finish_url, this.question()).catch(() => ({ copy: null })));
      }
      if (copy && isNews()) await look(copy, this.video);
    }
    if (!isNews() || !found.trimmable || !this.video.videoWidth) return;
    this.known = { duration: found.duration * this.trim.slowedBy };
    this.offerTrim();
    this.show({});
  }

  // The length of slow motion is that of the run.
  async mayBeLong() {
    const { Trim } = await import("./trim.js").catch(() => { throw new Broken(); });
    this.trim ??= await Trim.of(this);
  }

  // On the device until it is ordered or removed, with the server's side of it once the film is there.
  async keepHere() {
    const { file, startAt } = this;
    const { owner } = this.field.root.dataset;
    const film = { owner, file, startAt, ways: this.sent ? this.ways : null, chosen: this.chosen };
    this.kept = await keep(this.kept === null ? film : { id: this.kept, ...film });
  }

  upload() {
    return new Promise((arrived, failed) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(this.ways.fields)) form.append(name, value);
      form.append("file", this.file); // last: the store ignores what follows the file
      const request = new XMLHttpRequest();
      this.request = request;
      request.open("POST", this.ways.url);
      // Our own server wants its token; another host must get no header it did not ask for.
      if (new URL(this.ways.url, location.href).origin === location.origin) {
        request.setRequestHeader("X-CSRFToken", this.server.token);
      }
      request.upload.onprogress = (event) => {
        if (event.lengthComputable) this.show({ state: this.sending(event), share: event.loaded / event.total });
      };
      request.onload = () => {
        const ours = new URL(this.ways.url, location.href);
        const away = request.responseURL && new URL(request.responseURL).pathname !== ours.pathname;
        this.server.answer(request.status, () => request.responseText, away).then(arrived, failed);
      };
      request.onerror = request.onabort = request.ontimeout = () => failed(new Broken());
      request.send(form);
    });
  }

  // Some networks let nobody through to the object store: then the film takes the way through our own server.
  goRound() {
    if (this.ways) Object.assign(this.ways, { url: this.ways.own_url, fields: {} });
  }

  sending(event) {
    return `${this.field.texts.sending} ${Math.floor((100 * event.loaded) / event.total)}\u00a0%`;
  }

  fail(error) {
    if (this.gone) return;
    if (error instanceof Broken) {
      this.broken = true;
      this.show({ problem: this.field.texts.broken, retry: true });
      setTimeout(() => this.sendAgain(), AGAIN_MS); // a device that has a network is told of no other end of the trouble
    } else if (error instanceof Refused) {
      if (error.lost || (!error.retry && !error.trimmable)) this.forget();
      if (error.trimmable) this.offerTrim();
      this.show({ problem: error.html ? "" : error.message, html: error.html, retry: error.retry });
      this.field.tell("film:refused", { row: this });
    } else {
      this.show({ problem: this.field.texts.failed, retry: true });
      throw error;
    }
  }

  question() {
    return { ...this.field.question(), ...(this.startAt !== null && { start: this.startAt }) };
  }

  offerTrim() {
    this.trimming = true;
    this.trim.offer(this.known.duration);
  }

  keepFrom(startAt) {
    this.startAt = startAt;
    if (this.ways) { // it was sent whole: its part goes anew
      letGo(this.video);
      this.takeBack();
      this.forget();
    }
    this.start();
  }

  // What was begun came to nothing: the next try begins anew.
  forget() {
    this.ways = null;
    this.sent = false;
    forget(this.kept);
    this.kept = null;
  }

  // What a person said of the film, so that a reload asks nothing twice.
  async remember(chosen) {
    this.chosen = chosen;
    if (this.kept !== null) await this.keepHere();
  }

  // It is ordered: the device need not keep it any longer.
  ordered() {
    const { kept } = this;
    this.kept = this.ways = null; // nothing of it is taken back
    this.gone = true;
    return forget(kept);
  }

  // Another view or surface was chosen: the same film may be right now, or wrong.
  async judgeAgain() {
    if (this.gone) return;
    this.stale = this.busy; // in the middle of it: as soon as it ends
    if (this.busy) return;
    if (!this.done) {
      if (!this.ways || this.sent) this.start();
      return;
    }
    const { html, status } = await ask(this, this.ways.checks_url, this.field.question());
    if (status === 0) this.show({ problem: this.field.texts.broken });
    if (html === null || this.gone) return;
    this.show({ html });
    this.judged();
  }

  // The check list itself says whether the film may be sent: by the fields it puts into the form.
  judged() {
    const mayBeSent = this.item.querySelector("input[name=clip]") !== null;
    const needsTick = this.item.querySelector("input[name=accepted]") !== null;
    this.show({ state: mayBeSent && !needsTick ? this.field.texts.ready : "" });
    this.field.tell("film:ready", { row: this });
  }

  remove() {
    this.gone = true;
    this.request?.abort();
    this.item.remove();
    this.field.rows = this.field.rows.filter((row) => row !== this);
    letGo(this.video);
    this.field.tell("film:gone", { row: this });
    this.drop();
  }

  // Neither here nor on the server: now, and once more when an answer has come that was on its way.
  drop() {
    if (this.ways) this.takeBack();
    this.forget();
  }

  // Best effort: what stays is swept a day later.
  takeBack() {
    this.server.post(this.ways.delete_url, {}).catch(() => {});
  }

  show({ state = "", share = null, html = null, problem = "", retry = false }) {
    this.part("state").textContent = state;
    this.part("trim").hidden = !this.trimming;
    this.item.classList.toggle("trimming", this.trimming);
    this.part("progress").hidden = share === null;
    if (share !== null) this.part("progress").value = share;
    if (html !== null) this.part("checks").innerHTML = html; // our own template, every value escaped by it
    this.part("problem").textContent = problem;
    this.part("problem").hidden = !problem;
    this.part("retry").hidden = !retry;
  }
}

// Reading on at an address that is taken back would be an error in the console.
function letGo(video) {
  const address = video.src;
  if (!address) return;
  video.removeAttribute("src");
  video.load();
  URL.revokeObjectURL(address);
}

// Ask the browser how long and how large the film is. What it cannot tell (a format it does not play) stays out.
function look(address, video) {
  return new Promise((known) => {
    const end = (facts) => {
      clearTimeout(timer);
      known(facts);
    };
    const timer = setTimeout(() => end({}), LOOK_MS);
    video.onerror = () => end({});
    video.onloadedmetadata = () => {
      if (!video.videoWidth) return end({}); // of many an unknown film it plays the sound
      const facts = { width: video.videoWidth, height: video.videoHeight };
      if (Number.isFinite(video.duration) && video.duration > 0) facts.duration = video.duration;
      end(facts);
      video.currentTime = 1e-3; // of a film that was never moved Safari on a telephone shows no picture
    };
    video.src = address;
  });
}
