// A film that may be too long: how long the run in it took, and the part a person keeps of it. Fetched for such films.

import { slowedBy } from "./slowed.js";

const tenths = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

// Of a film's row. `slowedBy`: how many times longer the film plays than the run took; the part is told in the run's time.
export class Trim {
  static async of(row) {
    return new Trim(row, await slowedBy(row.file));
  }

  constructor(row, slowed) {
    this.row = row;
    this.slowedBy = slowed;
    this.most = Number(row.field.root.dataset.seconds);
    this.range = row.part("range");
    this.range.addEventListener("input", () => this.show());
    row.part("keep").addEventListener("click", () => row.keepFrom(this.range.value * slowed));
  }

  // The person finds the best part in the film itself, which is still on the device alone.
  offer(duration) {
    this.range.max = Math.max(0, duration / this.slowedBy - this.most).toFixed(1);
    this.show();
  }

  show() {
    const from = Number(this.range.value);
    const { texts } = this.row.field;
    const words = texts.part.replace("%(from)s", tenths.format(from)).replace("%(to)s", tenths.format(from + this.most));
    this.row.part("part").textContent = words;
    this.range.setAttribute("aria-valuetext", words);
    const { video } = this.row;
    const isCopy = !video.src.startsWith("blob:"); // it has the speed of the run
    video.currentTime = isCopy ? from : from * this.slowedBy;
  }
}
