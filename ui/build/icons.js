// The icons: only those named in icons.txt, each a rule of the style sheet. As masks they cost the
// browser one element each; a hundred references into a sprite made drawing a page twice as long.
import { readFile } from "node:fs/promises";
import path from "node:path";

const UNKNOWN = "file";

export async function iconNames(root) {
  const list = await readFile(path.join(root, "icons.txt"), "utf8");
  return [...new Set(list.split("\n").map((line) => line.replace(/#.*/, "").trim()).filter(Boolean))].sort();
}

export async function iconRules(root) {
  const rule = async (selector, name) => `${selector} { --glyph: url("${await picture(root, name)}"); }`;
  const rules = (await iconNames(root)).map((name) => rule(`.glyph-${name}`, name));
  // First what stands for a name that is not among them, as one of an organisation's own may be.
  return (await Promise.all([rule(".icon", UNKNOWN), ...rules])).join("\n");
}

async function picture(root, name) {
  const file = path.join(root, "node_modules/@tabler/icons/icons/outline", `${name}.svg`);
  const source = await readFile(file, "utf8").catch(() => {
    throw new Error(`icons.txt names "${name}", but @tabler/icons has no such outline icon; look it up on tabler.io/icons`);
  });
  const shapes = source
    .replace(/^[\s\S]*?<svg[\s\S]*?>/, "")
    .replace(/<\/svg>[\s\S]*$/, "")
    .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "")
    .replace(/\s*\n\s*/g, "");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#000" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${shapes}</svg>`;
  return `data:image/svg+xml,${svg.replaceAll('"', "'").replace(/[%#<>]/g, encodeURIComponent)}`;
}
