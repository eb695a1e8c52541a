// The portal's server as a script asks it: what goes there bears the sign-in's token, what comes back is an answer that
// can be used, a refusal that a person can do something about, or no answer at all.

import { newestToken } from "./token.js";

export class Broken extends Error {} // no answer: try again

export class Refused extends Error { // an answer: the person must do something
  // `lost`: the server knows nothing of the film any more.
  constructor(text, { html = "", retry = false, trimmable = false, lost = false } = {}) {
    super(text);
    Object.assign(this, { html, retry, trimmable, lost });
  }
}

export class Server {
  // `token` is the one this page was made with; `texts` say what is wrong in words.
  constructor(token, texts) {
    this.made = token;
    this.texts = texts;
  }

  get token() {
    return newestToken() ?? this.made;
  }

  async post(url, fields) {
    const body = new URLSearchParams(fields);
    const headers = { "X-CSRFToken": this.token, Accept: "application/json" };
    let response;
    try {
      response = await fetch(url, { method: "POST", body, headers, redirect: "manual" });
    } catch {
      throw new Broken();
    }
    return this.answer(response.status, () => response.text(), response.type === "opaqueredirect");
  }

  async answer(status, read, redirected) {
    // Whoever is signed out is sent to the sign-in page: nothing was wrong with the film.
    if (redirected || status === 401) throw new Refused(this.texts.signed_out, { retry: true });
    if (status === 204) return {};
    let said = {};
    try {
      said = JSON.parse(await read());
    } catch {
      // a proxy's page or the store's XML: the status says enough
    }
    if (status >= 200 && status < 300) return said;
    if (said.code === "arrived") return said; // by an earlier try whose answer was lost
    if (said.text) throw new Refused(said.text, { html: said.html, retry: status >= 500, trimmable: said.trimmable });
    throw new Refused(status >= 500 ? this.texts.failed : this.texts.refused, { retry: true, lost: status === 404 });
  }
}
