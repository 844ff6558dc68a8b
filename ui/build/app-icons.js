// The icon as pictures, for phones that keep the site among their apps and take no SVG. It is drawn
// from src/icon.svg, which is a rounded square and lines with round ends; anything else in it stops
// the build, so that the pictures never differ from it.
import zlib from "node:zlib";

const SIZES = [
  { name: "icon-180.png", size: 180, bleed: true },
  { name: "icon-192.png", size: 192, bleed: false },
  { name: "icon-512.png", size: 512, bleed: false },
  // Systems cut a maskable icon to their own shape: the ground fills it, the drawing keeps clear of the edge.
  { name: "icon-maskable-512.png", size: 512, bleed: true, scale: 0.8 },
];
/** Samples along each side of a pixel. */
const SAMPLES = 4;

/** Plain name to contents. */
export function appIcons(svg) {
  const drawing = parse(svg);
  return SIZES.map(({ name, ...options }) => [name, png(options.size, draw(drawing, options))]);
}

function parse(svg) {
  const shape =
    /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 (\d+) \1"><rect width="\1" height="\1" rx="(\d+)" fill="(#[0-9a-f]{6})"\/><path d="([^"]+)" fill="none" stroke="#fff" stroke-width="([\d.]+)" stroke-linecap="round"\/><\/svg>\s*$/;
  const [, box, radius, fill, path, width] = shape.exec(svg) ?? [];
  const lines = [...(path ?? "").matchAll(/M([\d.]+) ([\d.]+)h([\d.]+)/g)].map((line) => line.slice(1).map(Number));
  if (!path || lines.map(([x, y, length]) => `M${x} ${y}h${length}`).join("") !== path) {
    throw new Error("src/icon.svg holds more than build/app-icons.js can draw: teach it the new shape");
  }
  return { box: Number(box), radius: Number(radius), fill: rgb(fill), lines, width: Number(width) };
}

function rgb(colour) {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}

/** Red, green, blue and opacity of each pixel. */
function draw({ box, radius, fill, lines, width }, { size, bleed, scale = 1 }) {
  const pixels = Buffer.alloc(size * size * 4);
  const isGround = (x, y) => bleed || outside(x, y, box, radius) <= 0;
  const isLine = (x, y) => lines.some(([left, top, length]) => Math.hypot(x - Math.min(Math.max(x, left), left + length), y - top) <= width / 2);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      let ground = 0;
      let line = 0;
      for (let sample = 0; sample < SAMPLES * SAMPLES; sample++) {
        const x = ((column + ((sample % SAMPLES) + 0.5) / SAMPLES) / size) * box;
        const y = ((row + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES) / size) * box;
        const [u, v] = [x, y].map((at) => (at - box / 2) / scale + box / 2);
        if (!isGround(x, y)) continue;
        ground++;
        if (isLine(u, v)) line++;
      }
      const share = ground ? line / ground : 0;
      const at = (row * size + column) * 4;
      for (let part = 0; part < 3; part++) pixels[at + part] = Math.round(fill[part] + (255 - fill[part]) * share);
      pixels[at + 3] = Math.round((ground / SAMPLES ** 2) * 255);
    }
  }
  return pixels;
}

/** How far a point lies outside of a square with rounded corners. */
function outside(x, y, side, radius) {
  const [dx, dy] = [x, y].map((at) => Math.max(Math.abs(at - side / 2) - (side / 2 - radius), 0));
  return Math.hypot(dx, dy) - radius;
}

function png(size, pixels) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8); // eight bits each of red, green, blue and opacity
  const rows = Array.from({ length: size }, (_, row) => Buffer.concat([Buffer.of(0), pixels.subarray(row * size * 4, (row + 1) * size * 4)]));
  const signature = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", zlib.deflateSync(Buffer.concat(rows), { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(zlib.crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
