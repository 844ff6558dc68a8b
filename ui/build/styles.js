// Sass to CSS: our own sheets over the parts of Tabler that the pages use.
import path from "node:path";
import * as sass from "sass";

/** `glyphs` is what the sheets get for `@use "glyphs"`. */
export async function compileStyles(root, glyphs) {
  const address = new URL("glyphs:all");
  const result = await sass.compileAsync(path.join(root, "styles/app.scss"), {
    importers: [{ canonicalize: (name) => (name === "glyphs" ? address : null), load: () => ({ contents: glyphs, syntax: "scss" }) }],
    loadPaths: [path.join(root, "node_modules")],
    quietDeps: true,
    style: "expanded",
  });
  return result.css;
}
