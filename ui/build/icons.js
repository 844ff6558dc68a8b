// The icons: a font of only those named in icons.txt, and which letter of it is which. A letter is
// drawn like any other text; as pictures, even as masks, the icons were a fifth of drawing a page.
import { readFile } from "node:fs/promises";
import path from "node:path";
import subsetFont from "subset-font";

export async function iconNames(root) {
  const list = await readFile(path.join(root, "icons.txt"), "utf8");
  return [...new Set(list.split("\n").map((line) => line.replace(/#.*/, "").trim()).filter(Boolean))].sort();
}

/** The font as a file, and `$all`, the letter of each icon by name, for the style sheets. */
export async function iconFont(root) {
  const folder = path.join(root, "node_modules/@tabler/icons-webfont/dist");
  const [names, whole, sheet] = await Promise.all([
    iconNames(root),
    readFile(path.join(folder, "fonts/tabler-icons.ttf")),
    readFile(path.join(folder, "tabler-icons.css"), "utf8"),
  ]);
  const letters = new Map([...sheet.matchAll(/\.ti-([\w-]+):before \{\s*content: "\\([0-9a-f]+)"/g)].map(([, name, code]) => [name, code]));
  for (const name of names) {
    if (!letters.has(name)) throw new Error(`icons.txt names "${name}", but Tabler has no such outline icon; look it up on tabler.io/icons`);
  }
  const text = names.map((name) => String.fromCodePoint(parseInt(letters.get(name), 16))).join("");
  return {
    file: Buffer.from(await subsetFont(whole, text, { targetFormat: "woff2" })),
    glyphs: `$all: (${names.map((name) => `"${name}": "\\${letters.get(name)}"`).join(", ")});`,
  };
}
