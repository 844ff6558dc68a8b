// The icon sprite: only the icons named in icons.txt, one <symbol> each.
import { readFile } from "node:fs/promises";
import path from "node:path";

export async function iconSprite(root) {
  const list = await readFile(path.join(root, "icons.txt"), "utf8");
  const names = [...new Set(list.split("\n").map((line) => line.replace(/#.*/, "").trim()).filter(Boolean))].sort();
  const symbols = await Promise.all(names.map((name) => symbol(root, name)));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
  return { svg, names };
}

async function symbol(root, name) {
  const file = path.join(root, "node_modules/@tabler/icons/icons/outline", `${name}.svg`);
  const source = await readFile(file, "utf8").catch(() => {
    throw new Error(`icons.txt names "${name}", but @tabler/icons has no such outline icon; look it up on tabler.io/icons`);
  });
  const shapes = source
    .replace(/^[\s\S]*?<svg[\s\S]*?>/, "")
    .replace(/<\/svg>[\s\S]*$/, "")
    .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "")
    .replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${shapes}</symbol>`;
}
