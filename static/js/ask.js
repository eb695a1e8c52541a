// Ask the server for a part of the page anew. Answers come in any order, and a person goes on meanwhile: for one place
// (any object) the answer to the last question comes, and to those before it none ever does.

const last = new WeakMap();

export async function ask(place, address, fields = null) {
  const question = {};
  last.set(place, question);
  const answer = await fetched(fields ? `${address}?${new URLSearchParams(fields)}` : address);
  return last.get(place) === question ? answer : new Promise(() => {});
}

// Returns {html, status, signedOut}: html is null where the server has none, status 0 where the connection broke.
export async function fetched(address, request = {}) {
  try {
    const response = await fetch(address, { redirect: "manual", ...request });
    const html = response.ok || response.status === 422 ? await response.text() : null;
    return { html, status: response.status, signedOut: response.type === "opaqueredirect" };
  } catch {
    return { html: null, status: 0, signedOut: false };
  }
}
