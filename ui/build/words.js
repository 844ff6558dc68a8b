// The texts of scripts in other languages: src/words/LANGUAGE.json, English to theirs.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** A script for each language, by its plain name. */
export async function wordScripts(root) {
  const asked = await askedFor(path.join(root, "src"));
  const scripts = [];
  for (const file of await readdir(path.join(root, "src/words"))) {
    const [language, ending] = file.split(".");
    if (ending !== "json") continue;
    const words = JSON.parse(await readFile(path.join(root, "src/words", file), "utf8"));
    compare(file, asked, new Set(Object.keys(words)));
    scripts.push([`words.${language}.js`, Buffer.from(`globalThis.pipewrightWords=${JSON.stringify(words)};`)]);
  }
  return scripts;
}

/** Every text that stands in a said("…"). */
async function askedFor(folder) {
  const texts = new Set();
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
    const source = await readFile(path.join(entry.parentPath, entry.name), "utf8");
    for (const [, text] of source.matchAll(/\bsaid\(\s*("(?:[^"\\]|\\.)*")/g)) texts.add(JSON.parse(text));
  }
  return texts;
}

function compare(file, asked, known) {
  const missing = [...asked].filter((text) => !known.has(text));
  const orphans = [...known].filter((text) => !asked.has(text));
  if (missing.length > 0) throw new Error(`src/words/${file} lacks: ${missing.join(" | ")}`);
  if (orphans.length > 0) throw new Error(`src/words/${file} has what no script says: ${orphans.join(" | ")}`);
}
