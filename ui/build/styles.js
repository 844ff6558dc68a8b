// Sass to CSS: our own sheets over the parts of Tabler that the pages use.
import path from "node:path";
import * as sass from "sass";

export async function compileStyles(root) {
  const result = await sass.compileAsync(path.join(root, "styles/app.scss"), {
    loadPaths: [path.join(root, "node_modules")],
    quietDeps: true,
    style: "expanded",
  });
  return result.css;
}
