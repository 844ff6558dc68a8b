// A Pipewright of its own for a test file.

import { spawn, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const binary = process.env.PIPEWRIGHT_BINARY ?? path.join(root, "target/debug/pipewright");

export const EMAIL = "ada@contoso.example";
export const PASSWORD = "correct horse battery";

/** Fails with the command that helps when a part is missing. */
export function requirePart(file, how) {
  if (!existsSync(file)) throw new Error(`${file} is missing: ${how}`);
}

/**
 * A running server with an organisation in it; `leads` generated leads, `configuration` in its
 * file, other `files` beside it.
 */
export async function startServer({ leads = 60, configuration = "", files = {} } = {}) {
  requirePart(binary, "run `cargo build -p pipewright`");
  const folder = mkdtempSync(path.join(tmpdir(), "pipewright-test-"));
  const database = `sqlite:${path.join(folder, "test.db")}`;
  const passwordFile = path.join(folder, "password");
  writeFileSync(passwordFile, `${PASSWORD}\n`);
  const run = (...args) => execFileSync(binary, ["--database", database, ...args], { encoding: "utf8" });
  run("init", "--admin-email", EMAIL, "--admin-password-file", passwordFile, "--organization", "Contoso");
  if (leads > 0) run("demo", "--leads", String(leads), "--seed", "7");
  const configurationFile = path.join(folder, "pipewright.toml");
  writeFileSync(configurationFile, configuration);
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  const server = spawn(binary, ["--database", database, "--config", configurationFile, "serve", "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "pipe"], cwd: folder });
  let log = "";
  server.stderr.on("data", (data) => {
    log += data;
  });
  const address = await ready(server);
  return {
    address,
    folder,
    run,
    /** What the server has written to its log. */
    log: () => log,
    async stop() {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGTERM");
      const code = await ended;
      rmSync(folder, { recursive: true, force: true });
      if (code !== 0) throw new Error(`the server ended with ${code} instead of cleanly`);
    },
  };
}

function ready(server) {
  return new Promise((resolve, reject) => {
    let printed = "";
    server.stdout.on("data", (data) => {
      printed += data;
      const line = printed.match(/ready on (http\S+)/);
      if (line) resolve(line[1]);
    });
    server.once("exit", (code) => reject(new Error(`the server ended with ${code} before it was ready`)));
    setTimeout(() => reject(new Error("the server was not ready in 60 seconds")), 60_000).unref();
  });
}
