// A Pipewright of its own and a Chromium for each test file.

import { spawn, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import { chromium } from "playwright-core";

const root = path.resolve(import.meta.dirname, "../..");
const binary = process.env.PIPEWRIGHT_BINARY ?? path.join(root, "target/debug/pipewright");
const browserPath = process.env.PIPEWRIGHT_CHROMIUM ?? "/usr/bin/chromium";
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pictures = path.join(import.meta.dirname, "pictures");

export const EMAIL = "ada@contoso.example";
export const PASSWORD = "correct horse battery";

/** Fails with the command that helps when a part is missing. */
function requirePart(file, how) {
  if (!existsSync(file)) throw new Error(`${file} is missing: ${how}`);
}

/**
 * A running server with an organisation in it; `leads` generated leads, `configuration` in its
 * file, other `files` beside it.
 */
export async function startServer({ leads = 60, configuration = "", files = {} } = {}) {
  requirePart(binary, "run `cargo build -p pipewright`");
  const folder = mkdtempSync(path.join(tmpdir(), "pipewright-browser-"));
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

/** A browser whose pages notice errors and requests to other hosts. */
export async function startBrowser() {
  requirePart(browserPath, "run `apt-get install chromium`");
  return chromium.launch({
    executablePath: browserPath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page of a signed-in person; `faults` collects console errors and foreign requests. */
export async function openPage(browser, server, { width = 1440, height = 900, dark = false, signedIn = true, locale = "en-US" } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    locale,
    timezoneId: "Europe/Berlin",
    baseURL: server.address,
  });
  const page = await context.newPage();
  page.faults = [];
  page.on("console", (message) => {
    // A refused form answers 422, which Chromium reports as a failed load; a page that is left ends the
    // requests of its parts, which htmx reports in two lines.
    const usual = /status of (409|422|429)|^htmx:(sendAbort|afterRequest),/;
    if (message.type() === "error" && !usual.test(message.text())) page.faults.push(message.text());
  });
  page.on("pageerror", (error) => page.faults.push(String(error)));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(server.address) && !url.startsWith("data:") && !url.startsWith("blob:")) page.faults.push(`foreign request: ${url}`);
  });
  if (signedIn) await signIn(page);
  return page;
}

export async function signIn(page) {
  await page.goto("/");
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}

/** Waits until nothing moves or fades: half faded in, a colour has less contrast than it will have. */
async function atRest(page) {
  await page.evaluate(async () => {
    const ends = (animation) => Number.isFinite(animation.effect?.getComputedTiming().endTime);
    const moving = () => document.getAnimations().filter((animation) => animation.playState === "running" && ends(animation));
    for (let animations = moving(); animations.length; animations = moving()) {
      await Promise.allSettled(animations.map((animation) => animation.finished));
    }
  });
}

/** What axe finds on the page once it is at rest, in short lines. */
export async function axeFindings(page) {
  // Evaluated through the debugger, which the page's content security policy does not concern;
  // the styles that axe itself tries to set are refused by it and are no fault of the page.
  const faults = page.faults.length;
  await atRest(page);
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  await page.waitForTimeout(100); // what axe caused is reported with a delay
  page.faults.length = faults;
  return violations.map((v) => `${v.id}: ${v.nodes.map((node) => node.target.join(" ")).join(" | ")}`);
}

/** Keeps a picture for whoever wants to look (`tests/browser/pictures`). */
export async function picture(page, name) {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: path.join(pictures, `${name}.png`) });
}

/**
 * A server, a browser and a page of the administrator (`view` is how it is opened) for all tests of
 * a file; `begin` is handed them. After each test the page must be free of faults.
 */
export function around(organization, begin, view = {}) {
  let server, browser, page;
  before(async () => {
    server = await startServer(organization);
    browser = await startBrowser();
    page = await openPage(browser, server, view);
    begin({ server, browser, page });
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  afterEach(() => {
    assert.deepEqual(page.faults.splice(0), [], "no console errors, nothing loaded from another host");
  });
}
