// No text was forgotten: in a language that puts every text in brackets nothing stands outside of
// them but data; and German, whose words are long, fits where English does.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { everyAddress } from "../addresses.js";
import { EMAIL, around, axeFindings, openPage, picture } from "../harness.js";

/** Names that no dictionary has, so that what is left of the page is text. */
const NAMES = { subject: "Δοκιμή", firstname: "Ελένη", lastname: "Παππά", companyname: "Κόσμος" };

/** Is no text: names of the product and the organisation, file formats, keys, addresses. */
const NO_TEXT = /Pipewright|Contoso|System Administrator|US Dollar|\d-[A-Z]\w+|[\w.-]+@[\w.-]+|https?:\S+|\b(CSV|XLSX|ZIP|JSON|Excel|Ctrl|Esc|Enter|Shift|Tab|English|Deutsch|AM|PM|EUR|USD|UTC)\b|\b[\w]+\/[\w_]+\b/g;

describe("the languages of the pages", () => {
  let server, browser;

  around({ leads: 0 }, (started) => {
    ({ server, browser } = started);
  });

  async function write() {
    const token = server.run("token", "create", "--user", EMAIL, "--name", "Δ", "--days", "1").trim();
    const post = async (address, body) => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const response = await fetch(`${server.address}/api/data/v9.2/${address}`, { method: "POST", headers, body: JSON.stringify(body) });
      assert.ok(response.ok, await response.text());
    };
    await post("leads", NAMES);
    await post("accounts", { name: NAMES.companyname });
    await post("opportunities", { name: NAMES.subject });
    await post("tasks", { subject: NAMES.subject });
  }

  async function open(language, size) {
    const page = await openPage(browser, server, { ...size, signedIn: false });
    await page.setExtraHTTPHeaders({ "accept-language": language });
    await page.addInitScript((tag) => {
      Object.defineProperty(navigator, "language", { value: tag });
    }, language);
    await page.goto("/sign-in");
    await page.locator("#field-email").fill(EMAIL);
    await page.locator("#field-password").fill("correct horse battery");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
    return page;
  }

  /** What can be read or heard on the page, piece by piece. */
  const texts = (page) =>
    page.evaluate(() => {
      const found = new Set();
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const within = walker.currentNode.parentElement;
        if (within.closest("script, style, time, kbd, code, pre, template, noscript, .avatar, #field-timezone, #field-locale")) continue;
        found.add(walker.currentNode.textContent.trim());
      }
      for (const one of document.querySelectorAll("[title], [aria-label], [placeholder], [alt]")) {
        if (one.closest("time")) continue;
        for (const name of ["title", "aria-label", "placeholder", "alt"]) found.add(one.getAttribute(name) ?? "");
      }
      return [...found, document.title];
    });

  /** The text without what was looked up. */
  function unasked(text) {
    let rest = text;
    for (let before = ""; before !== rest; ) {
      before = rest;
      rest = rest.replace(/⟦[^⟦⟧]*⟧/g, "");
    }
    return rest.replace(NO_TEXT, "");
  }

  test("look every text up", async () => {
    await write();
    const page = await open("en-XA", { width: 1440, height: 900 });
    const forgotten = [];
    for (const address of await everyAddress(page)) {
      // The designer shows the words it changes.
      if (address.startsWith("/process-designer")) continue;
      await page.goto(address);
      for (const text of await texts(page)) {
        if (/[A-Za-z]{2,}/.test(unasked(text))) forgotten.push(`${address}: ${text.slice(0, 100)}`);
      }
    }
    assert.equal([...new Set(forgotten)].join("\n"), "");
    await page.context().close();
  });

  for (const [name, size] of Object.entries({ wide: { width: 1440, height: 900 }, phone: { width: 360, height: 740 } })) {
    test(`fit in German, ${name}`, async () => {
      const page = await open("de-DE", size);
      const faults = [];
      for (const address of await everyAddress(page)) {
        await page.goto(address);
        assert.equal(await page.evaluate(() => document.documentElement.lang), "de", address);
        faults.push(...(await axeFindings(page)).map((finding) => `${address}: ${finding}`));
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (overflow > 0) faults.push(`${address} scrolls sideways by ${overflow} px`);
        await picture(page, `german${address.replace(/[/?=&]+/g, "-").replace(/-[0-9a-f]{8}-[0-9a-f-]{27}/, "-record")}-${name}`);
      }
      assert.deepEqual(faults, []);
      await page.context().close();
    });
  }
});
