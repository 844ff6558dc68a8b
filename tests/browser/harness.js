// A Chromium for each test file.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import { chromium } from "playwright-core";
import { EMAIL, PASSWORD, requirePart, startServer } from "../server.js";

export { EMAIL, PASSWORD, startServer };

const browserPath = process.env.PIPEWRIGHT_CHROMIUM ?? "/usr/bin/chromium";
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pictures = path.join(import.meta.dirname, "pictures");

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

/** A page of a signed-in person, on a phone that is touched where `touch` says so; `faults` collects console errors and foreign requests. */
export async function openPage(browser, server, { width = 1440, height = 900, dark = false, touch = false, signedIn = true, locale = "en-US" } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    hasTouch: touch,
    isMobile: touch,
    colorScheme: dark ? "dark" : "light",
    locale,
    timezoneId: "Europe/Berlin",
    baseURL: server.address,
  });
  const page = await context.newPage();
  page.faults = [];
  follow(page);
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

/** The pages that are open, each with what it asked for of late. */
const open = new Set();

function follow(page) {
  page.asked = [];
  open.add(page);
  page.on("close", () => open.delete(page));
  const note = (request, how) => {
    page.asked.push(`${new Date().toISOString().slice(14, 23)} ${request.method()} ${new URL(request.url()).pathname} ${how}`);
    page.asked.splice(0, page.asked.length - 30);
  };
  page.on("request", (request) => note(request, "…"));
  page.on("response", (response) => note(response.request(), response.status()));
  page.on("requestfailed", (request) => note(request, request.failure()?.errorText));
}

/** What the pages of a test that failed show and asked for: printed, and kept beside the pictures. */
async function report(test) {
  for (const page of open) {
    const name = `failed-${test.name.replace(/\W+/g, "-").slice(0, 60)}-${[...open].indexOf(page)}`;
    console.error(`${test.name}: ${page.url()}, see pictures/${name}.png and .html\n${page.asked.join("\n")}`);
    await picture(page, name);
    writeFileSync(path.join(pictures, `${name}.html`), await page.content());
  }
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
  afterEach(async (test) => {
    // A page that does not answer any more must not hide why.
    if (test.passed === false) await report(test).catch((error) => console.error(error));
    assert.deepEqual(page.faults.splice(0), [], "no console errors, nothing loaded from another host");
  });
}
