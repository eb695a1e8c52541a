// How many times slower a film plays than it was taken. Android plays its slow motion at 30 pictures a second and writes
// beside it how many the camera took; the server reads the same and keeps such films at the speed of the run.

const TAKEN_FPS = "com.android.capture.fps";
const SLOWED_FROM = 3; // as in clips/film.py
const MOST_SLOWED = 64;

export async function slowedBy(file) {
  try {
    const index = await indexOf(file);
    const times = takenFps(index) / shownFps(index);
    return times >= SLOWED_FROM && times <= MOST_SLOWED ? times : 1;
  } catch {
    return 1; // no film of this kind, or none that tells
  }
}

// The box "moov" of an MP4 or MOV; nothing else is read of the film. Before or behind it lie the pictures, whose size
// may take 64 bits.
async function indexOf(file) {
  for (let at = 0; at < file.size;) {
    const head = new DataView(await file.slice(at, at + 16).arrayBuffer());
    const short = head.getUint32(0);
    const size = short === 1 ? Number(head.getBigUint64(8)) : short;
    if (textOf(head, 4, 8) === "moov") return new DataView(await file.slice(at + 8, at + size).arrayBuffer());
    if (size < 8) break;
    at += size;
  }
  throw new RangeError("a film without an index");
}

function takenFps(index) {
  const meta = find(index, "meta") ?? find(index, "udta", "meta");
  const inside = textOf(meta, 4, 8) === "hdlr" ? meta : from(meta, 4); // some write a version first
  const key = boxes(from(find(inside, "keys"), 8)).findIndex(({ content }) => textOf(content) === TAKEN_FPS) + 1;
  const value = find(inside, "ilst", String.fromCharCode(0, 0, key >> 8, key & 255), "data");
  return value.getUint32(0) === 23 ? value.getFloat32(8) : Number(textOf(value, 8));
}

function shownFps(index) {
  const tracks = boxes(index).filter(({ name }) => name === "trak").map(({ content }) => find(content, "mdia"));
  const film = tracks.find((media) => textOf(find(media, "hdlr"), 8, 12) === "vide");
  const clock = find(film, "mdhd");
  const long = clock.getUint8(0) === 1;
  const ticks = long ? Number(clock.getBigUint64(24)) : clock.getUint32(16);
  return find(film, "minf", "stbl", "stsz").getUint32(8) * clock.getUint32(long ? 20 : 12) / ticks;
}

function find(box, ...path) {
  return path.reduce((inside, wanted) => boxes(inside).find(({ name }) => name === wanted)?.content, box);
}

function boxes(view) {
  const found = [];
  for (let at = 0, size; at + 8 <= view.byteLength; at += size) {
    size = view.getUint32(at);
    if (size < 8) break; // padding
    found.push({ name: textOf(view, at + 4, at + 8), content: from(view, at + 8, at + size) });
  }
  return found;
}

function from(view, begin, end = view.byteLength) {
  return new DataView(view.buffer, view.byteOffset + begin, end - begin);
}

function textOf(view, begin = 0, end = view.byteLength) {
  return new TextDecoder("latin1").decode(from(view, begin, end));
}
