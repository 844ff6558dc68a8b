// With a thumb: what is touched on a phone is large enough to be hit, on the pages of every day.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { around, axeFindings, openPage, picture } from "../harness.js";
import { smallTargets } from "../targets.js";

/** What looks like something to press. */
const BUTTONS = "button, .btn, summary, [role=tab], .dropdown-item, .jump-bar a, input[type=checkbox], input[type=radio], select";

describe("a thumb", () => {
  let server, browser, page;

  around({ leads: 60 }, (started) => ({ server, browser, page } = started), { width: 360, height: 740, touch: true });

  const dialog = () => page.getByRole("dialog");
  const button = (name) => page.getByRole("button", { name, exact: true });

  /** Nothing is too small to be hit, and buttons are as large as thumbs want them. */
  async function isLargeEnough(name, within = "body") {
    await page.waitForFunction((selector) => document.querySelector(selector)?.checkVisibility(), within);
    assert.deepEqual(await smallTargets(page, 24, { within }), [], `${name}: too small`);
    assert.deepEqual(await smallTargets(page, 40, { within, only: BUTTONS, every: true }), [], `${name}: smaller than a thumb`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(overflow <= 0, `${name} scrolls sideways by ${overflow} px`);
    assert.deepEqual(await axeFindings(page), [], name);
    await picture(page, `touch-${name.replaceAll(" ", "-")}`);
  }

  async function openLead() {
    await page.goto("/leads?view=open");
    await page.goto(await page.locator("tbody a[data-row-link]").first().getAttribute("href"));
    await page.locator("#timeline-list [data-entry]").first().waitFor();
  }

  test("finds a measure that tells small from large", async () => {
    await page.goto("/home");
    await page.evaluate(() => {
      const row = document.createElement("p");
      row.id = "tiny";
      for (const name of ["One", "Two"]) row.append(Object.assign(document.createElement("button"), { textContent: name, style: "all: unset; width: 14px; height: 14px; font-size: 5px" }));
      document.querySelector("main").append(row);
    });
    assert.equal((await smallTargets(page, 24, { within: "#tiny" })).length, 2);
    await page.evaluate(() => document.querySelector("#tiny button").remove());
    assert.equal((await smallTargets(page, 24, { within: "#tiny" })).length, 0, "one by itself has room");
    assert.equal((await smallTargets(page, 24, { within: "#tiny", every: true })).length, 1);
    page.faults.length = 0; // the policy of the page refuses such styles
  });

  test("hits what it means in a list, its menus and its selection", async () => {
    await page.goto("/leads?view=all&sort=fullname&f=subject:not-null");
    await page.locator(".jump-bar a").first().waitFor();
    await isLargeEnough("list");
    await page.locator("[data-row-menu]").first().tap();
    await page.locator(".dropdown-menu.show").getByText("Log a call").waitFor();
    await isLargeEnough("row menu", ".dropdown-menu.show");
    await page.keyboard.press("Escape");
    await page.locator("td.grid-select").first().tap({ position: { x: 4, y: 4 } });
    await page.locator("[data-bulk-bar]").getByText("1 selected").waitFor();
    await isLargeEnough("selection", "[data-bulk-bar]");
    await page.locator("[data-select-none]").tap();
    await page.locator(".view-switcher button").tap();
    await isLargeEnough("views", ".view-switcher .dropdown-menu.show");
  });

  test("hits what it means in filters and columns", async () => {
    await page.goto("/leads?view=open&f=subject:contains:a");
    await button("Add filter").tap();
    await page.locator(".filter-editor .ts-control").waitFor();
    await isLargeEnough("add filter", ".filter-popover.show");
    await page.keyboard.press("Escape");
    await button("All filters").tap();
    await dialog().locator(".builder-condition").first().waitFor();
    for (const name of ["Condition", "Group"]) {
      const had = await dialog().locator(".builder-condition").count();
      await dialog().getByRole("button", { name, exact: true }).first().tap();
      await dialog().locator(".builder-condition").nth(had).waitFor();
    }
    await isLargeEnough("filters", "dialog");
    await page.goto("/leads?view=open");
    await button("Columns").tap();
    await dialog().waitFor();
    await isLargeEnough("columns", "dialog");
  });

  test("hits what it means on a board", async () => {
    await page.goto("/opportunities/board?view=open&by=stage");
    await page.locator("[data-card]").first().waitFor();
    await isLargeEnough("board");
    await button("Layout").tap();
    await isLargeEnough("layout", ".board-popover.show");
    await page.keyboard.press("Escape");
    await page.locator("[data-card-move]").first().tap();
    await dialog().waitFor();
    await isLargeEnough("move", "dialog");
  });

  test("hits what it means on a lead and its timeline", async () => {
    await openLead();
    await isLargeEnough("lead");
    const note = page.getByRole("group", { name: "Add to the timeline" }).getByRole("button", { name: "Note" });
    await note.scrollIntoViewIfNeeded();
    // Related records above it come as they are scrolled to.
    await page.locator("#record").getByText("No competitors yet.").waitFor();
    await note.tap();
    await page.locator("form[data-composer]").waitFor();
    await page.locator(".timeline-more-filters summary").tap();
    await page.locator(".timeline-choice").first().waitFor();
    await isLargeEnough("timeline", ".timeline");
    await page.getByRole("tab", { name: "Details" }).tap();
    await isLargeEnough("details");
    await button("More commands").first().tap();
    await button("Disqualify").last().tap();
    await dialog().waitFor();
    await isLargeEnough("disqualify", "dialog");
  });

  test("hits what it means on My day, in the frame and in the settings", async () => {
    await page.goto("/tasks/new");
    await page.getByLabel("Subject").fill("Send the offer");
    await page.locator("[name=scheduledend]").fill("2026-01-05T09:00");
    await button("Save").first().tap();
    await page.waitForURL(/\/tasks\/[0-9a-f-]{36}/);
    await page.goto("/home");
    await button("Mark “Send the offer” complete").waitFor();
    await isLargeEnough("my day");
    await button("Notifications").tap();
    await page.locator(".bell-panel.show").waitFor();
    await isLargeEnough("bell", ".bell-panel.show");
    await page.keyboard.press("Escape");
    await page.getByRole("combobox", { name: /Search everything/ }).tap();
    await page.locator('[data-answers=""]').waitFor();
    await isLargeEnough("palette", "[data-palette]");
    await page.keyboard.press("Escape");
    await button("Open navigation").tap();
    await page.locator("#navigation.show:not(.showing)").waitFor();
    assert.deepEqual(await smallTargets(page, 40, { within: "#navigation", only: ".sidebar-nav a, button", every: true }), []);
    await picture(page, "touch-navigation");
    await page.goto("/settings/profile");
    await isLargeEnough("profile");
  });

  test("finds a list and a board on a tablet as large", async () => {
    const tablet = await openPage(browser, server, { width: 1024, height: 768, touch: true });
    for (const address of ["/leads?view=all&sort=fullname", "/opportunities/board?view=open&by=stage"]) {
      await tablet.goto(address);
      await tablet.locator("[data-row], [data-card]").first().waitFor();
      assert.deepEqual(await smallTargets(tablet, 24), [], address);
      assert.deepEqual(await smallTargets(tablet, 40, { only: BUTTONS, every: true }), [], address);
      await picture(tablet, `touch-tablet${address.split("?")[0].replaceAll("/", "-")}`);
    }
    assert.deepEqual(tablet.faults, []);
    await tablet.context().close();
  });
});
