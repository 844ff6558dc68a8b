// Brotli and gzip beside each file, made once here instead of on every request.
import { promisify } from "node:util";
import zlib from "node:zlib";

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);

export async function compressed(name, contents) {
  if (name.endsWith(".woff2") || name.endsWith(".png")) return []; // already compressed
  return [
    [".br", await brotli(contents, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 } })],
    [".gz", await gzip(contents, { level: 9 })],
  ];
}
