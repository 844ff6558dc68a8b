// Builds everything the pages load: npm run build -> dist/.
// Each file gets its content's hash in its name, so a browser may keep it for ever;
// manifest.json tells the server which name belongs to which file.
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { watch } from "node:fs";
import { createHash } from "node:crypto";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { compileStyles } from "./styles.js";
import { iconFont, iconNames } from "./icons.js";
import { compressed } from "./compress.js";
import { appIcons } from "./app-icons.js";
import { wordScripts } from "./words.js";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, "dist");

async function build() {
  const started = Date.now();
  const [scripts, styles, icons] = await Promise.all([bundleScripts(), bundleStyles(), iconNames(root)]);
  const files = new Map([...scripts, ...styles]);
  const icon = await readFile(path.join(root, "src/icon.svg"));
  files.set("icon.svg", named("icon.svg", icon));
  for (const [plain, contents] of await wordScripts(root)) files.set(plain, named(plain, contents));
  for (const [plain, contents] of appIcons(icon.toString())) files.set(plain, named(plain, contents));

  // Swapped in only when every part was built: a mistake leaves the last good dist in place.
  const fresh = `${dist}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  for (const { name, contents } of files.values()) {
    await writeFile(path.join(fresh, name), contents);
    for (const [extension, bytes] of await compressed(name, contents)) {
      await writeFile(path.join(fresh, name + extension), bytes);
    }
  }
  const names = Object.fromEntries([...files].map(([plain, file]) => [plain, file.name]).sort());
  await writeFile(path.join(fresh, "manifest.json"), `${JSON.stringify({ files: names, icons }, null, 2)}\n`);
  await rm(dist, { recursive: true, force: true });
  await rename(fresh, dist);
  await report(files, Date.now() - started);
}

/** app.js, the script of all pages, the worker that their tabs share, and the modules that app.js
 *  fetches where a page needs them. */
async function bundleScripts() {
  const bundle = (entries, format) =>
    esbuild.build({ ...shared, entryPoints: entries.map((entry) => path.join(root, "src", entry)), format, target: "es2022" });
  const results = await Promise.all([
    bundle(["app.ts", "live/live-worker.ts"], "iife"),
    bundle(["lazy/board.ts", "lazy/designer.ts", "lazy/inline.ts", "lazy/sortable.ts"], "esm"),
  ]);
  return results.flatMap((result) => outputs(result));
}

/** app.css, and the font of the icons that it names. */
async function bundleStyles() {
  const { file, glyphs } = await iconFont(root);
  const result = await esbuild.build({
    ...shared,
    stdin: { contents: await compileStyles(root, glyphs), loader: "css", resolveDir: path.join(root, "styles"), sourcefile: "app.css" },
    plugins: [
      {
        name: "icons",
        setup(build) {
          build.onResolve({ filter: /^icons\.woff2$/ }, ({ path }) => ({ path, namespace: "icons" }));
          build.onLoad({ filter: /.*/, namespace: "icons" }, () => ({ contents: file, loader: "file" }));
        },
      },
    ],
  });
  return outputs(result, { stdin: "app" });
}

const shared = {
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  outdir: dist,
  entryNames: "[name]",
  assetNames: "[name]-[hash]",
  legalComments: "none",
  logLevel: "warning",
};

/** The bundler's outputs by plain name, the entry points renamed to carry their hash. */
function outputs(result, rename = {}) {
  return result.outputFiles.map((file) => {
    let plain = path.basename(file.path);
    const { name, ext } = path.parse(plain);
    plain = (rename[name] ?? name) + ext;
    const contents = Buffer.from(file.contents);
    // The style sheet says its name already.
    if (ext === ".woff2") return [plain.replace(/-[A-Z0-9]+(?=\.)/, ""), { name: plain, contents }];
    return [plain, named(plain, contents)];
  });
}

function named(plain, contents) {
  const { name, ext } = path.parse(plain);
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 10);
  return { name: `${name}-${hash}${ext}`, contents };
}

async function report(files, milliseconds) {
  for (const [plain, { name, contents }] of files) {
    if (plain.endsWith(".woff2") || plain.endsWith(".png")) continue;
    const gzip = (await compressed(name, contents)).find(([extension]) => extension === ".gz");
    console.log(`${name}  ${kilobytes(contents)} KB, ${kilobytes(gzip[1])} KB gzip`);
  }
  console.log(`built in ${milliseconds} ms`);
}

function kilobytes(bytes) {
  return (bytes.length / 1024).toFixed(1);
}

await build();

if (process.argv.includes("--watch")) {
  let timer;
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(() => build().catch((error) => console.error(error.message)), 100);
  };
  for (const folder of ["src", "styles"]) watch(path.join(root, folder), { recursive: true }, again);
  watch(path.join(root, "icons.txt"), again);
}
