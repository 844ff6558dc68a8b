// The frame around every page: palette, recent and pinned, shortcuts, the way back, "My day".

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { around, axeFindings, openPage, picture } from "../harness.js";

describe("the frame", () => {
  let server, browser, page;

  around({ leads: 150 }, (started) => ({ server, browser, page } = started));

  const field = () => page.getByRole("combobox", { name: /Search everything/ });
  const option = (name) => page.locator("#palette").getByRole("option", { name });
  const active = () => page.locator("#palette [aria-selected=true]");
  const dialog = () => page.getByRole("dialog");
  const toast = (text) => page.locator("[data-toast]").filter({ hasText: text });
  const path = () => new URL(page.url()).pathname;

  /** Opens the palette by its key and types. */
  async function type(text) {
    await page.keyboard.press("Control+k");
    await page.keyboard.type(text);
    await page.locator(`[data-answers="${text.trim()}"]`).waitFor();
  }

  async function openFirst(list) {
    await page.goto(list);
    const link = page.locator("tbody a[data-row-link]").first();
    const found = { href: await link.getAttribute("href"), name: (await link.innerText()).trim() };
    await page.goto(found.href);
    return found;
  }

  test("finds a record by its name and opens it without the mouse", async () => {
    const { href, name } = await openFirst("/accounts?view=all");
    await page.goto("/home");
    await type(name);
    await option(name).first().waitFor();
    assert.equal(await field().getAttribute("aria-expanded"), "true");
    assert.equal(await field().getAttribute("aria-activedescendant"), await active().getAttribute("id"));
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "palette");
    for (let step = 0; step < 20 && !(await active().getAttribute("href"))?.startsWith("/accounts/"); step++) await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/accounts\/[0-9a-f-]{36}$/);
    assert.equal(path(), href);
    assert.equal(await field().inputValue(), "", "what was typed is done with");
  });

  test("Enter waits for the answer to what was typed", async () => {
    await page.goto("/home");
    await page.keyboard.press("Control+k");
    await page.locator('[data-answers=""]').waitFor();
    await page.route("**/palette?q=My+Opportunities+Closing*", async (route) => {
      await page.waitForTimeout(400);
      await route.continue();
    });
    await field().fill("My Opportunities Closing");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/opportunities\?view=my_closing_soon/);
    await page.unroute("**/palette?q=My+Opportunities+Closing*");
  });

  test("runs commands: a new task, another theme, what the page offers", async () => {
    await page.goto("/home");
    await type("new task");
    await page.keyboard.press("Enter");
    await dialog().getByRole("heading", { name: "New task" }).waitFor();
    await page.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });

    await type(">dark");
    await page.keyboard.press("Enter");
    await page.locator("html[data-bs-theme=dark]").waitFor();
    await type(">as on this device");
    await page.keyboard.press("Enter");
    await page.locator("html:not([data-bs-theme])").waitFor();

    await openFirst("/leads?view=open");
    await type("qualify");
    await page.locator("#palette").getByRole("option", { name: "Qualify", exact: true }).waitFor();
    await page.keyboard.press("Enter");
    await dialog().getByRole("button", { name: "Qualify", exact: true }).waitFor();
    await page.keyboard.press("Escape");
  });

  test("closes by Escape and gives the focus back to where it was", async () => {
    await page.goto("/leads?view=open");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    const row = await page.locator("tr.is-current a[data-row-link]").getAttribute("href");
    await type("a");
    await page.keyboard.press("Escape");
    await page.locator("[data-palette-panel]").waitFor({ state: "hidden" });
    assert.equal(await field().getAttribute("aria-expanded"), "false");
    assert.equal(await field().inputValue(), "");
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("href")), row);
    // By mouse, too.
    await field().click();
    await page.locator('[data-answers=""]').waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("href")), row);
    await page.keyboard.press("j");
    assert.notEqual(await page.locator("tr.is-current a[data-row-link]").getAttribute("href"), row, "one goes on there");
  });

  test("shows a failure once, and not any longer than it lasts", async () => {
    await page.goto("/leads?view=open");
    const alerts = page.locator("[data-toast][role=alert]");
    const filter = page.locator("[data-grid-filter]");
    const type = async (text, status) => {
      const answer = page.waitForResponse((response) => response.url().includes(`q=${text}`) && response.status() === status);
      await filter.fill(text);
      await answer;
    };
    await page.route(/q=(lost|still)/, (route) => route.fulfill({ status: 500, body: "" }));
    await type("lost", 500);
    await alerts.filter({ hasText: "error 500" }).waitFor();
    await type("still", 500);
    await page.waitForTimeout(100);
    assert.equal(await alerts.count(), 1);
    await type("a", 200);
    await alerts.waitFor({ state: "detached" });

    // Another thing that works says nothing of it; its button does.
    await page.route(/\/commands/, (route) => route.fulfill({ status: 500, body: "" }));
    await page.keyboard.press("Escape");
    await page.locator("[data-row-menu]").first().click();
    await alerts.filter({ hasText: "error 500" }).waitFor();
    await page.keyboard.press("Escape");
    await type("e", 200);
    assert.equal(await alerts.count(), 1);
    await alerts.getByRole("button", { name: "Dismiss message" }).click();
    assert.equal(await alerts.count(), 0);

    // Without a server, until there is one.
    await page.route(/q=alone/, (route) => route.abort());
    await filter.fill("alone");
    await alerts.filter({ hasText: "The server cannot be reached" }).waitFor();
    await type("a", 200);
    await alerts.waitFor({ state: "detached" });
    await page.unrouteAll({ behavior: "ignoreErrors" });
    page.faults = page.faults.filter((fault) => !/500|ERR_FAILED|sendError/.test(fault));
  });

  test("keeps no more than four messages, failures included", async () => {
    await page.goto("/leads?view=open");
    const statuses = [400, 403, 404, 413, 500, 503];
    for (const status of statuses) {
      await page.route(/q=fails/, (route) => route.fulfill({ status, body: "" }));
      await page.locator("[data-grid-filter]").fill(`fails${status}`);
      await page.waitForResponse((response) => response.status() === status);
    }
    await toast("error 503").waitFor();
    assert.equal(await page.locator("[data-toast]").count(), 4);
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "failures");
    await page.unrouteAll({ behavior: "ignoreErrors" });
    page.faults = page.faults.filter((fault) => !/status of \d+|Response Status Error/.test(fault));
  });

  test("remembers what was visited, and nothing of it but its number", async () => {
    const { href, name } = await openFirst("/leads?view=open");
    await page.goto("/home");
    await page.keyboard.press("Control+k");
    await page.locator("#palette").getByRole("group", { name: "Recent" }).getByRole("option", { name }).first().waitFor();
    const kept = await page.evaluate(() => JSON.stringify(localStorage));
    assert.ok(kept.includes(href.split("/").at(-1)) && !kept.includes(name), kept);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(`**${href}`);
  });

  test("pins a record by key, keeps it in the side bar, and unpins it", async () => {
    const { href, name } = await openFirst("/opportunities?view=open");
    await page.keyboard.press("p");
    const side = page.getByRole("navigation", { name: "Main" });
    await side.getByRole("link", { name, exact: true }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.goto("/home");
    await side.getByRole("link", { name, exact: true }).click();
    await page.waitForURL(`**${href}`);
    await picture(page, "pinned");
    await page.getByRole("button", { name: "Unpin this record" }).click();
    await page.getByRole("button", { name: "Pin this record", exact: true }).waitFor();
    assert.equal(await side.getByRole("link", { name, exact: true }).count(), 0);
  });

  test("goes places by keys and shows them all on a sheet", async () => {
    await page.goto("/home");
    for (const [keys, address] of [["gl", "/leads"], ["go", "/opportunities"], ["gh", "/home"]]) {
      for (const key of keys) await page.keyboard.press(key);
      await page.waitForURL(`**${address}`);
    }
    await page.keyboard.press("?");
    await dialog().getByRole("heading", { name: "Keyboard shortcuts" }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "shortcuts");
    await page.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });
    await page.keyboard.press("n");
    await page.locator("[data-create-menu] .dropdown-item").first().waitFor();
    await page.keyboard.press("Escape");
    await page.goto("/leads");
    await page.keyboard.press("n");
    await dialog().getByRole("heading", { name: "New lead" }).waitFor();
    await page.keyboard.type("gl?n"); // typed into the form, no command
    assert.equal(await dialog().count(), 1);
    page.once("dialog", (question) => question.accept());
    await page.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });
  });

  test("single keys can be turned off", async () => {
    await page.goto("/settings/profile");
    await page.getByRole("switch", { name: "Keyboard shortcuts" }).uncheck();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await toast("Settings saved.").waitFor();
    await page.goto("/leads?view=all");
    for (const key of ["j", "?", "n", "g", "o"]) await page.keyboard.press(key);
    assert.equal(await page.locator("tr.is-current").count(), 0);
    assert.equal(await dialog().count(), 0);
    assert.equal(path(), "/leads");
    await page.goto("/settings/profile");
    await page.getByRole("switch", { name: "Keyboard shortcuts" }).check();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await toast("Settings saved.").waitFor();
    await page.goto("/leads?view=all");
    await page.keyboard.press("j");
    await page.locator("tr.is-current").waitFor();
  });

  test("leads back to the list as it was left: filters, page, place and row", async () => {
    await page.goto("/leads?view=all&f=subject%3Anot-null");
    await page.getByRole("link", { name: "Next page" }).click();
    await page.waitForURL(/cursor=/);
    const list = new URL(page.url());
    await page.locator("tbody a[data-row-link]").nth(40).scrollIntoViewIfNeeded();
    const scrolled = await page.locator(".grid-scroll").evaluate((element) => element.scrollTop);
    assert.ok(scrolled > 0);
    const row = page.locator("tbody a[data-row-link]").nth(40);
    const href = await row.getAttribute("href");
    await row.click();
    await page.waitForURL(`**${href}`);
    const trail = page.getByRole("navigation", { name: "Where this is" }).getByRole("link");
    assert.equal((await trail.innerText()).trim(), "All Leads");
    await page.keyboard.press("u");
    await page.waitForURL(/cursor=/);
    assert.equal(new URL(page.url()).search, list.search);
    await page.locator(`tr.is-current a[href="${href}"]`).waitFor();
    assert.equal(await page.locator(".grid-scroll").evaluate((element) => element.scrollTop), scrolled);
    await page.keyboard.press("j");
    assert.notEqual(await page.locator("tr.is-current a[data-row-link]").getAttribute("href"), href);
  });

  test("my day: completes what is due, and takes it back", async () => {
    await page.goto("/tasks/new");
    await page.getByLabel("Subject").fill("Send the offer");
    const due = page.locator("[name=scheduledend]");
    await due.fill("2026-01-05T09:00");
    await page.getByRole("toolbar", { name: "Commands" }).getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForURL(/\/tasks\/[0-9a-f-]{36}/);
    await page.goto("/home");
    const block = page.getByRole("region", { name: "Due and overdue" });
    const complete = block.getByRole("button", { name: "Mark “Send the offer” complete" });
    await complete.waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "home");
    await complete.focus();
    await page.keyboard.press("Enter");
    await toast("Task marked complete.").waitFor();
    assert.equal(path(), "/home");
    assert.equal(await complete.count(), 0);
    await toast("Task marked complete.").getByRole("button", { name: "Undo" }).click();
    await toast("Undone.").waitFor();
    await complete.waitFor();
    await block.getByRole("link", { name: "All: Due and overdue" }).click();
    await page.getByRole("button", { name: "View: My Activities Due and Overdue" }).waitFor();
    await page.getByRole("link", { name: "Send the offer" }).waitFor();
  });

  test("every part is usable on a phone, in the dark too", async () => {
    for (const dark of [false, true]) {
      const phone = await openPage(browser, server, { width: 360, height: 740, dark });
      const tone = dark ? "-dark" : "";
      for (const address of ["/home", "/settings/profile"]) {
        await phone.goto(address);
        await picture(phone, `frame${address.replaceAll("/", "-")}-phone${tone}`);
        assert.deepEqual(await axeFindings(phone), [], address);
        const overflow = await phone.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(overflow <= 0, `${address} scrolls sideways by ${overflow} px`);
      }
      const search = phone.getByRole("combobox", { name: /Search everything/ });
      await search.click();
      await search.fill("lead");
      await phone.locator('[data-answers="lead"]').waitFor();
      await picture(phone, `palette-phone${tone}`);
      assert.deepEqual(await axeFindings(phone), []);
      const width = await search.evaluate((element) => element.getBoundingClientRect().width);
      assert.ok(width > 250, `the open field is ${width} px wide`);
      await phone.getByRole("button", { name: "Close search" }).click();
      await phone.locator("[data-palette-panel]").waitFor({ state: "hidden" });
      assert.deepEqual(phone.faults, []);
      await phone.context().close();
    }
  });

  test("can be installed: the manifest and its pictures are there, and no worker is", async () => {
    await page.goto("/home");
    const href = await page.locator("link[rel=manifest]").getAttribute("href");
    const manifest = await (await page.request.get(href)).json();
    assert.equal(manifest.display, "standalone");
    for (const { src, sizes } of manifest.icons.filter((one) => one.type === "image/png")) {
      const width = await page.evaluate(async (address) => {
        const image = new Image();
        image.src = address;
        await image.decode();
        return image.naturalWidth;
      }, src);
      assert.equal(`${width}x${width}`, sizes);
    }
    assert.equal(await page.evaluate(async () => (await navigator.serviceWorker?.getRegistrations())?.length ?? 0), 0);
  });
});
