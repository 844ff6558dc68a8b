// Which pictures the guides show.

import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");

/** Where the guides are. */
export const documents = path.join(root, "docs");

/** Names of the pictures that guides and README show, each once. */
export function named() {
  const guides = readdirSync(documents).filter((file) => file.endsWith(".md")).map((file) => path.join(documents, file));
  const names = [...guides, path.join(root, "README.md")].flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/\((?:docs\/)?pictures\/([\w-]+)\.png\)/g)].map(([, name]) => name),
  );
  return [...new Set(names)];
}
