// From page to page: a link exchanges what differs, and the browser's own ways keep working.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { around, axeFindings, openPage, picture } from "../harness.js";

describe("from page to page", () => {
  let server, browser, page;

  around({ leads: 120 }, (started) => ({ server, browser, page } = started));

  const nav = (name) => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true });
  const heading = () => page.locator("#main h1");
  const firstRow = () => page.locator("tbody a[data-row-link]").first();
  const scrolled = () => page.locator(".grid-scroll").evaluate((element) => element.scrollTop);

  /** Whether the document is the one that was marked. */
  const isMarked = () => page.evaluate(() => window.marked === true);
  const mark = () => page.evaluate(() => (window.marked = true));

  async function openList(address = "/leads?view=open") {
    await page.goto(address);
    await mark();
  }

  test("a link brings the next page into the frame that is there", async () => {
    await openList();
    const name = (await firstRow().innerText()).trim();
    await firstRow().click();
    await page.waitForURL(/\/leads\/[0-9a-f-]{36}$/);
    assert.equal((await heading().innerText()).trim(), name);
    assert.equal(await page.title(), `${name} · Pipewright`);
    assert.ok(await isMarked(), "no document was loaded");
    assert.equal(await page.evaluate(() => document.activeElement === document.body), true);
    await page.getByRole("status").filter({ hasText: `${name} · Pipewright` }).waitFor({ state: "attached" });
    // What stands on the page works: lookups, the timeline, the commands.
    await page.locator(".ts-control").first().waitFor();
    await page.locator("#timeline-list [data-entry], #timeline-list .empty-state").first().waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await nav("Opportunities").click();
    await page.waitForURL(/\/opportunities/);
    assert.equal(await nav("Opportunities").getAttribute("aria-current"), "page");
    assert.equal(await nav("Leads").getAttribute("aria-current"), null);
    await page.getByRole("link", { name: "Board", exact: true }).click();
    await page.locator("[data-board] [data-lane]").first().waitFor();
    assert.ok(await isMarked());
  });

  test("a list that is come to has all its rows once those in the window are drawn", async () => {
    await openList();
    await firstRow().click();
    await page.locator(".record-trail a").click();
    await page.waitForURL(/\/leads\?view=open/);
    await firstRow().waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll(".grid-results tbody tr")].every((row) => row.checkVisibility()));
    assert.equal(await page.locator("tbody tr[data-id]").count(), 50, "the next page comes when somebody scrolls there");
  });

  test("Tab goes on from the top of the new page", async () => {
    await openList();
    await nav("Accounts").click();
    await page.waitForURL(/\/accounts/);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to content");
  });

  test("Back and Forward lead through lists as they were filtered and scrolled", async () => {
    await openList();
    await page.locator("[data-grid-filter]").fill("a");
    await page.waitForURL(/q=a/);
    await page.locator("tbody a[data-row-link]").nth(20).scrollIntoViewIfNeeded();
    const [filtered, place] = [page.url(), await scrolled()];
    assert.ok(place > 0);
    const row = page.locator("tbody a[data-row-link]").nth(20);
    const href = await row.getAttribute("href");
    await row.click();
    await page.waitForURL(`**${href}`);
    await page.goBack();
    await page.locator(`tr.is-current a[href="${href}"]`).waitFor();
    assert.equal(page.url(), filtered);
    assert.equal(await scrolled(), place);
    assert.equal(await page.locator("[data-grid-filter]").inputValue(), "a");
    await page.goBack();
    await page.waitForFunction(() => document.querySelector("[data-grid-filter]")?.value === "");
    await page.goForward();
    await page.goForward();
    await page.locator("#record").waitFor();
    assert.ok(page.url().endsWith(href));
    assert.ok(await isMarked());
  });

  test("leads back to a row that was brought by scrolling, by key, crumb and Back", async () => {
    await openList("/leads?view=all");
    const rows = page.locator("tbody tr[data-row]");
    const ways = [() => page.keyboard.press("u"), () => page.locator(".record-trail a").first().click(), () => page.goBack()];
    for (const back of ways) {
      await page.locator(".grid-scroll").evaluate((list) => list.scrollTo(0, list.scrollHeight));
      await rows.nth(99).waitFor();
      const row = page.locator("tbody a[data-row-link]").nth(71);
      await row.scrollIntoViewIfNeeded();
      const [href, place] = [await row.getAttribute("href"), await scrolled()];
      await row.click();
      await page.waitForURL(`**${href}`);
      await page.locator("#record").waitFor();
      await back();
      await page.waitForFunction((to) => document.activeElement?.matches(`tr.is-current a[href="${to}"]`), href);
      assert.equal(await scrolled(), place);
      assert.ok(await page.locator(`a[href="${href}"]`).evaluate((link) => link.getBoundingClientRect().bottom < innerHeight));
      await openList("/leads?view=all");
    }
  });

  test("leads back on a phone, too, where the page itself is what scrolls", async () => {
    const phone = await openPage(browser, server, { width: 360, height: 740 });
    await phone.goto("/leads?view=all");
    await phone.locator("#grid-more").scrollIntoViewIfNeeded();
    const row = phone.locator("tbody a[data-row-link]").nth(71);
    await row.scrollIntoViewIfNeeded();
    const [href, place] = [await row.getAttribute("href"), await phone.evaluate(() => scrollY)];
    await row.click();
    await phone.waitForURL(`**${href}`);
    await phone.locator(".record-trail a").first().click();
    await phone.waitForFunction((to) => document.activeElement?.matches(`a[href="${to}"]`), href);
    assert.equal(await phone.evaluate(() => scrollY), place);
    assert.deepEqual(phone.faults, []);
    await phone.context().close();
  });

  test("asks before it leaves what was typed, on a link and on Back", async () => {
    await openList();
    await page.evaluate(() => {
      const link = document.createElement("a");
      [link.href, link.textContent] = ["/leads/new", "A lead in all detail"];
      document.querySelector("#main").prepend(link);
    });
    await page.getByRole("link", { name: "A lead in all detail" }).click();
    await page.waitForURL(/\/leads\/new/);
    const topic = page.getByLabel("Topic");
    await topic.fill("Not saved yet");
    const answers = [];
    const answer = (dialog) => {
      answers.push(dialog.type());
      return dialog.dismiss();
    };
    page.on("dialog", answer);
    await nav("Accounts").click();
    await page.waitForTimeout(300);
    await page.evaluate(() => history.back());
    await page.waitForTimeout(300);
    page.off("dialog", answer);
    assert.deepEqual(answers, ["beforeunload", "confirm"]);
    assert.match(page.url(), /\/leads\/new/);
    assert.equal(await topic.inputValue(), "Not saved yet");
    page.once("dialog", (dialog) => dialog.accept());
    await page.evaluate(() => history.back());
    await page.waitForURL(/\/leads\?view=open/);
    await firstRow().waitFor();
    await page.goForward();
    await page.getByText("What you had typed here is back").waitFor();
    assert.equal(await topic.inputValue(), "Not saved yet");
    await topic.fill("");
  });

  test("saves a form on the way, and shows what is saved when one comes back", async () => {
    await openList();
    await firstRow().click();
    await page.locator("#record").waitFor();
    const title = page.getByLabel("Job Title");
    const typed = `Head of Logistics ${Date.now()}`;
    await title.fill(typed);
    await page.evaluate(() => history.back());
    await firstRow().waitFor();
    await page.goForward();
    await page.locator("#record").waitFor();
    assert.equal(await title.inputValue(), typed);
    await page.waitForTimeout(200);
    assert.equal(await page.getByText("What you had typed here is back").count(), 0, "nothing is left to be saved");
    assert.equal(await page.locator("#record [data-save-state].is-saved").count(), 0, "nothing was saved on this page");
    assert.ok(await isMarked());
  });

  test("stays where it is while the server is away", async () => {
    await openList();
    await page.route("**/accounts*", (route) => route.abort());
    await nav("Accounts").click();
    await page.getByText("The server cannot be reached").waitFor();
    assert.match(page.url(), /\/leads\?view=open/);
    await page.unroute("**/accounts*");
    await nav("Accounts").click();
    await page.waitForURL(/\/accounts/);
    // What the browser says of the request that was let fail.
    page.faults = page.faults.filter((fault) => !fault.includes("ERR_FAILED"));
  });

  test("the last of two links clicked wins, however late the first page comes", async () => {
    await openList();
    await page.route("**/accounts*", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await route.continue().catch(() => {});
    });
    await nav("Accounts").click();
    await nav("Contacts").click();
    await page.waitForURL(/\/contacts/);
    await page.waitForTimeout(700);
    assert.match(page.url(), /\/contacts/);
    assert.equal(await nav("Contacts").getAttribute("aria-current"), "page");
    await page.unrouteAll({ behavior: "ignoreErrors" });
  });

  test("hears what others change on a page it was led to", async () => {
    await openList();
    await firstRow().click();
    await page.locator("#record").waitFor();
    const other = await openPage(browser, server);
    await other.goto(new URL(page.url()).pathname);
    await other.getByLabel("Job Title").fill("Chief of Everything");
    await other.getByRole("toolbar", { name: "Commands" }).getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForFunction(() => [...document.querySelectorAll("#record input")].some((input) => input.value === "Chief of Everything"));
    await other.context().close();
  });

  test("what is done in a dialog leads on without a document, and says so", async () => {
    await openList();
    await page.keyboard.press("n");
    await page.getByRole("dialog").getByLabel("Topic").fill("Palletising cell");
    await page.getByRole("dialog").getByLabel("Last name").fill("Board");
    await page.keyboard.press("Control+s");
    await page.waitForURL(/\/leads\/[0-9a-f-]{36}$/);
    await page.keyboard.press("Control+k");
    await page.keyboard.type("palletising");
    await page.getByRole("option", { name: /Board/ }).first().waitFor();
    await page.keyboard.press("Escape");

    // Saving brings the messages' own place anew.
    await page.getByLabel("Job Title").fill("Head of Palletising");
    await page.keyboard.press("Control+s");
    await page.getByText("Saved.", { exact: true }).first().waitFor();

    // The record is drawn anew by the news of it while the page comes: the message waits for the page.
    const drawn = page.waitForResponse((response) => response.request().headers()["x-unasked"] !== undefined && response.url() === page.url());
    await page.route(page.url(), async (route) => {
      if (route.request().headers()["hx-request"] === undefined) await drawn;
      await route.continue();
    });
    await page.getByRole("toolbar", { name: "Commands" }).getByRole("button", { name: "Disqualify" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cannot Contact" }).click();
    await page.locator("[data-toast]").filter({ hasText: "Lead disqualified." }).waitFor();
    assert.ok(await isMarked());
    await page.unrouteAll({ behavior: "ignoreErrors" });
  });

  test("leads to the sign-in where the session has ended", async () => {
    const guest = await openPage(browser, server);
    await guest.goto("/leads?view=open");
    // What the list asks for by itself would lead there, too.
    await guest.waitForFunction(() => !document.querySelector("[hx-trigger^=load]"));
    await guest.context().clearCookies();
    await guest.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Accounts", exact: true }).click();
    await guest.waitForURL(/\/sign-in\?next=%2Faccounts/);
    await guest.context().close();
  });

  test("a file is downloaded, and the page stays", async () => {
    await page.goto("/privacy");
    await mark();
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Ledger of erasures" }).click()]);
    assert.match(file.suggestedFilename(), /\.\w+$/);
    assert.ok(await isMarked());
  });

  test("closes the drawer of a phone", async () => {
    const phone = await openPage(browser, server, { width: 360, height: 740 });
    await phone.goto("/leads?view=open");
    await phone.getByRole("button", { name: "Open navigation" }).click();
    const drawer = phone.getByRole("dialog", { name: "Main" });
    await drawer.and(phone.locator(".show:not(.showing)")).waitFor();
    assert.deepEqual(await axeFindings(phone), []);
    await picture(phone, "drawer");
    await drawer.getByRole("link", { name: "Accounts", exact: true }).click();
    await phone.waitForURL(/\/accounts/);
    await drawer.waitFor({ state: "hidden" });
    await phone.locator(".offcanvas-backdrop").waitFor({ state: "detached" });
    assert.equal(await phone.evaluate(() => getComputedStyle(document.body).overflowY), "visible");
    assert.deepEqual(await axeFindings(phone), []);
    await phone.context().close();
  });

  test("leaves nothing behind of the pages it has left", async () => {
    const session = await page.context().newCDPSession(page);
    const elements = async () => {
      for (let time = 0; time < 2; time += 1) await session.send("HeapProfiler.collectGarbage");
      return (await session.send("Memory.getDOMCounters")).nodes;
    };
    // What is left is put away when the browser has nothing else to do.
    const atRest = async () => {
      let [last, now] = [0, await elements()];
      while (now !== last) {
        await page.waitForTimeout(2_500);
        [last, now] = [now, await elements()];
      }
      return now;
    };
    const turn = async () => {
      await firstRow().click();
      await page.locator("#record .ts-control").first().waitFor();
      await page.keyboard.press("u");
      await firstRow().waitFor();
    };
    await openList();
    for (let time = 0; time < 3; time += 1) await turn();
    const before = await atRest();
    for (let time = 0; time < 12; time += 1) await turn();
    const after = await atRest();
    assert.ok(await isMarked());
    assert.ok(after < before * 1.1, `${before} nodes first, ${after} after twelve more turns`);
  });
});
