// Films on their way, kept on the device until the server has them: a reload or a closed page loses none.
//
// Each belongs to one membership ("owner"), so that who signs in next on the same device sees nothing of it, and to
// one day: after that the server has swept its side, too.

const DAY_MS = 24 * 3600 * 1000;

const asked = (request) =>
  new Promise((answer, failed) => {
    request.onsuccess = () => answer(request.result);
    request.onerror = () => failed(request.error);
  });

async function films(mode) {
  const opening = indexedDB.open("coachportal", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("films", { autoIncrement: true, keyPath: "id" });
  return (await asked(opening)).transaction("films", mode).objectStore("films");
}

// Keep a film with what is known of it ({owner, file, ...}); returns its id, or null where the device keeps nothing
// (a private window, no space): then the film is sent all the same, it only does not outlive the page.
export async function keep(film) {
  try {
    return await asked((await films("readwrite")).put({ kept_at: Date.now(), ...film }));
  } catch (error) {
    console.warn("The film cannot be kept on this device:", error);
    return null;
  }
}

export async function forget(id) {
  if (id !== null) await asked((await films("readwrite")).delete(id));
}

// The owner's films, oldest first. What is another's, or too old, is removed.
export async function keptBy(owner) {
  let all;
  try {
    all = await asked((await films("readonly")).getAll());
  } catch {
    return []; // a device that keeps nothing
  }
  const mine = (film) => film.owner === owner && Date.now() - film.kept_at < DAY_MS;
  await Promise.all(all.filter((film) => !mine(film)).map((film) => forget(film.id)));
  return all.filter(mine);
}
