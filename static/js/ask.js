// Ask the server for a part of the page anew. Answers need not come in the order of their questions, and a person goes
// on meanwhile: for one place (any object) the answer to the last question comes, and to those before it none ever does.

const last = new WeakMap();

// Returns {html, status, signedOut}: html is null where the server has none, status 0 where the connection broke.
export async function ask(place, address, fields = null) {
  const question = {};
  last.set(place, question);
  const answer = await fetched(fields ? `${address}?${new URLSearchParams(fields)}` : address);
  return last.get(place) === question ? answer : new Promise(() => {});
}

async function fetched(address) {
  try {
    const response = await fetch(address, { redirect: "manual" });
    const html = response.ok ? await response.text() : null;
    return { html, status: response.status, signedOut: response.type === "opaqueredirect" };
  } catch {
    return { html: null, status: 0, signedOut: false };
  }
}
