// Brings the pictures of the guides up to date from those that the last run of the flows made:
// node guide.js

import { copyFileSync } from "node:fs";
import path from "node:path";
import { documents, named } from "./named.js";

const made = path.join(import.meta.dirname, "pictures");
for (const name of named()) {
  copyFileSync(path.join(made, `${name}.png`), path.join(documents, "pictures", `${name}.png`));
}
