// Small PNG files of screenshots: 8 bits a pixel with a palette of their own
// (median cut), which text and flat colours bear without a visible loss.
import { crc32, deflateSync, inflateSync } from "node:zlib";

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Gives the same picture with at most 256 colours. file is an RGB or RGBA PNG, 8 bits a channel. */
export function shrink(file) {
  const picture = read(file);
  const { palette, nearest } = colours(picture);
  return write({ ...picture, palette, indexes: picture.pixels.map(nearest) });
}

/** Reads a PNG into pixels: numbers 0xRRGGBB, without their transparency. */
export function read(file) {
  if (!file.subarray(0, 8).equals(signature)) throw new Error("this is no PNG file");
  let head;
  let palette;
  const data = [];
  for (let at = 8; at < file.length;) {
    const size = file.readUInt32BE(at);
    const name = file.toString("latin1", at + 4, at + 8);
    const body = file.subarray(at + 8, at + 8 + size);
    if (name === "IHDR") head = body;
    if (name === "PLTE") palette = body;
    if (name === "IDAT") data.push(body);
    at += size + 12;
  }
  const [width, height, depth, kind, , , interlaced] = [head.readUInt32BE(0), head.readUInt32BE(4), ...head.subarray(8)];
  const bytes = { 2: 3, 3: 1, 6: 4 }[kind];
  if (depth !== 8 || !bytes || interlaced) throw new Error(`a PNG of kind ${kind} with ${depth} bits is not understood`);
  const flat = unfilter(inflateSync(Buffer.concat(data)), width * bytes, height, bytes);
  const pixels = new Uint32Array(width * height);
  for (let i = 0; i < pixels.length; i++) pixels[i] = kind === 3 ? palette.readUIntBE(flat[i] * 3, 3) : flat.readUIntBE(i * bytes, 3);
  return { width, height, pixels };
}

/** Takes the filters off the lines (PNG specification, section 9). */
function unfilter(raw, line, height, bytes) {
  const out = Buffer.alloc(line * height);
  for (let y = 0; y < height; y++) {
    const kind = raw[y * (line + 1)];
    for (let x = 0; x < line; x++) {
      const at = y * line + x;
      const left = x < bytes ? 0 : out[at - bytes];
      const up = y === 0 ? 0 : out[at - line];
      const corner = x < bytes || y === 0 ? 0 : out[at - line - bytes];
      out[at] = raw[y * (line + 1) + 1 + x] + guess(kind, left, up, corner);
    }
  }
  return out;
}

function guess(kind, left, up, corner) {
  if (kind < 4) return [0, left, up, (left + up) >> 1][kind];
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

const part = (colour, shift) => colour >> shift & 255;
const shifts = [16, 8, 0];

/** Chooses up to 256 colours, and how each pixel finds its own. */
function colours({ pixels }) {
  const count = new Map();
  for (const p of pixels) count.set(p, (count.get(p) ?? 0) + 1);
  let boxes = [measured([...count])];
  while (boxes.length < 256) {
    const widest = boxes.reduce((a, b) => (b.weight > a.weight ? b : a));
    if (widest.spread === 0) break;
    boxes = boxes.filter((b) => b !== widest).concat(halves(widest));
  }
  const palette = boxes.map(mean);
  const index = new Map();
  boxes.forEach((box, i) => { for (const [colour] of box.list) index.set(colour, i); });
  return { palette, nearest: (p) => index.get(p) };
}

/** A box of colours, with the channel in which they differ most. Common colours count, but rare ones are not forgotten. */
function measured(list) {
  const spreads = shifts.map((s) => {
    let [low, high] = [255, 0];
    for (const [c] of list) [low, high] = [Math.min(low, part(c, s)), Math.max(high, part(c, s))];
    return high - low;
  });
  const spread = Math.max(...spreads);
  const sum = list.reduce((n, [, k]) => n + k, 0);
  return { list, shift: shifts[spreads.indexOf(spread)], spread, weight: spread * Math.sqrt(sum) };
}

function halves({ list, shift }) {
  list.sort(([a], [b]) => part(a, shift) - part(b, shift));
  const half = list.reduce((n, [, k]) => n + k, 0) / 2;
  let cut = 0;
  for (let sum = 0; cut < list.length - 1 && sum < half; cut++) sum += list[cut][1];
  cut = Math.max(1, Math.min(cut, list.length - 1));
  return [measured(list.slice(0, cut)), measured(list.slice(cut))];
}

function mean({ list }) {
  const total = list.reduce((n, [, k]) => n + k, 0);
  return shifts.map((s) => Math.round(list.reduce((n, [c, k]) => n + part(c, s) * k, 0) / total));
}

function write({ width, height, palette, indexes }) {
  const lines = Buffer.alloc((width + 1) * height); // filter 0: best for palettes
  for (let y = 0; y < height; y++) Buffer.from(indexes.subarray(y * width, (y + 1) * width)).copy(lines, y * (width + 1) + 1);
  const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0]);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("PLTE", Buffer.from(palette.flat())), chunk("IDAT", deflateSync(lines, { level: 9, memLevel: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(name, body) {
  const out = Buffer.alloc(body.length + 12);
  out.writeUInt32BE(body.length, 0);
  out.write(name, 4, "latin1");
  body.copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, body.length + 8)), body.length + 8);
  return out;
}
