// The shape of a list: a filter put together, columns, order, groups, totals and views of one's own.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { around, axeFindings, openPage, picture } from "../harness.js";

describe("a list", () => {
  let server, browser, page;

  around({ leads: 140 }, (started) => ({ server, browser, page } = started));

  const dialog = (on = page) => on.getByRole("dialog");
  const chip = (text, on = page) => on.locator(".filter-chip", { hasText: text });
  const tool = (name, on = page) => on.locator(".filter-bar").getByRole("button", { name, exact: true });
  /** Chooses in a searchable select of a dialog, by typing. */
  const choose = async (box, typed, option, on = page) => {
    await box.pressSequentially(typed);
    await on.getByRole("option", { name: option, exact: true }).first().click();
  };
  /** The element that has the focus, once it has it. */
  const focused = (on, selector) => on.waitForFunction((wanted) => document.activeElement?.matches(wanted), selector);
  const headings = (on = page) => on.locator(".record-grid thead th[data-column]").evaluateAll((list) => list.map((head) => head.dataset.column));

  test("is filtered by conditions in groups, on related records too, and the chips open the dialog again", async () => {
    await page.goto("/leads?view=all");
    await tool("All filters").click();
    const column = () => dialog().locator(".builder-condition").last().getByRole("combobox", { name: "Column" });
    await choose(column(), "topic", "Topic");
    await dialog().getByLabel("Comparison").selectOption({ label: "contains" });
    await dialog().getByLabel("Text").fill("a");
    await dialog().getByRole("button", { name: "Group", exact: true }).first().click();
    await focused(page, ".builder-group.is-inner .builder-condition input");
    await choose(column(), "rating", "Rating");
    await dialog().getByRole("checkbox", { name: "Hot" }).check();
    await dialog().locator(".builder-group.is-inner").getByRole("button", { name: "Condition", exact: true }).click();
    await dialog().locator(".builder-condition").nth(2).waitFor();
    await focused(page, ".builder-condition:last-of-type input[role=combobox]");
    await choose(column(), "owner", "Owner: User ›");
    await dialog().locator("option", { hasText: "Full name (Owner: User)" }).waitFor({ state: "attached" });
    await choose(column(), "full", "Full name (Owner: User)");
    await dialog().locator(".builder-condition").nth(2).getByLabel("Comparison").selectOption({ label: "is filled" });
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "filters");
    await dialog().getByRole("button", { name: "Apply" }).click();
    await chip("Any of").waitFor();
    await chip("Topic contains “a”").waitFor();
    assert.match(await chip("Any of").innerText(), /Rating is Hot or Full name \(Owner: User\) is filled/i);
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "filters-on");

    await chip("Any of").getByRole("button").click();
    await dialog().getByLabel("Text").waitFor();
    assert.equal(await dialog().getByLabel("Text").inputValue(), "a");
    await dialog().getByRole("button", { name: "Remove this condition" }).first().click();
    await page.waitForFunction(() => document.querySelectorAll("dialog .builder-condition").length === 2);
    await dialog().getByRole("button", { name: "Apply" }).click();
    await chip("Topic").waitFor({ state: "detached" });
    await page.goBack();
    await chip("Topic contains “a”").waitFor();
  });

  test("keeps what is typed while the server draws a condition anew", async () => {
    await page.goto("/leads?view=all");
    await tool("All filters").click();
    await choose(dialog().getByRole("combobox", { name: "Column" }), "topic", "Topic");
    await dialog().getByLabel("Text").fill("a");
    let answer;
    const told = new Promise((resolve) => { answer = resolve; });
    await page.route(/filter/, async (route) => {
      await told;
      await route.continue();
    });
    const drawn = page.waitForResponse((response) => response.request().method() === "POST");
    await dialog().getByLabel("Comparison").selectOption({ label: "contains" });
    await dialog().getByLabel("Text").fill("typed meanwhile");
    answer();
    await drawn;
    await dialog().locator(".builder-condition option[selected]", { hasText: /^contains$/ }).waitFor({ state: "attached" });
    assert.equal(await dialog().getByLabel("Text").inputValue(), "typed meanwhile");
    await page.unroute(/filter/);
  });

  test("says at the condition what it lacks", async () => {
    await page.goto("/leads?view=all");
    await tool("All filters").click();
    await dialog().getByRole("button", { name: "Apply" }).click();
    await dialog().locator(".field-error", { hasText: "Choose a column" }).waitFor();
    await dialog().getByText("One condition is not complete.").waitFor();
    assert.deepEqual(await axeFindings(page), []);
  });

  test("has or has no related records", async () => {
    await page.goto("/accounts?view=all");
    await tool("All filters").click();
    await dialog().getByRole("button", { name: "Remove this condition" }).click();
    await dialog().locator(".builder-condition").waitFor({ state: "detached" });
    await dialog().getByLabel("Add related rows of accounts").selectOption({ label: "Opportunities (Potential customer)" });
    const whether = dialog().getByLabel("Whether there are");
    await whether.selectOption({ label: "Has no" });
    await dialog().getByRole("button", { name: "Apply" }).click();
    await chip("Has no Opportunities").waitFor();
  });

  test("shows the columns, widths and order that are chosen in the dialog, by mouse and by keyboard", async () => {
    await page.goto("/leads?view=all");
    const before = await headings();
    await tool("Columns").click();
    const rows = dialog().locator(".column-chooser section").first().locator("li");
    await rows.first().waitFor();
    assert.equal(await rows.count(), before.length);
    await dialog().getByRole("button", { name: /^Move .* down$/ }).first().press("Enter");
    await page.waitForFunction((key) => document.querySelector("dialog .column-chooser li input[name=column]")?.value === key, before[1]);
    await focused(page, `button[value="down:${before[0]}"]`);
    await dialog().getByLabel(/^Width of/).first().fill("240");
    const grip = rows.nth(3).locator("[data-grip]");
    const [from, to] = [await grip.boundingBox(), await rows.first().boundingBox()];
    await page.mouse.move(from.x + 6, from.y + 6);
    await page.mouse.down();
    await page.mouse.move(from.x + 6, from.y - 20, { steps: 5 });
    await page.mouse.move(to.x + 12, to.y + 4, { steps: 12 });
    await page.mouse.up();
    await page.waitForFunction((key) => document.querySelector("dialog .column-chooser li input[name=column]")?.value === key, before[3]);
    await choose(dialog().getByRole("combobox", { name: "Add a column" }), "owner: user", "Owner: User ›");
    await focused(page, "dialog .chooser-add input");
    await choose(dialog().getByRole("combobox", { name: "Add a column" }), "full", "Full name (Owner: User)");
    await rows.nth(before.length).waitFor();
    await choose(dialog().getByRole("combobox", { name: /^(Sort by a column|Then by)$/ }), "rating", "Rating");
    await dialog().getByLabel("Order of Rating").selectOption({ label: "Largest first" });
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "columns");
    await dialog().getByRole("button", { name: "Apply" }).click();
    await page.locator(".view-changed").waitFor();
    const now = await headings();
    assert.equal(now[0], before[3]);
    assert.equal(now[1], before[1]);
    assert.equal(now.at(-1), "ownerid(systemuser).fullname");
    assert.ok(page.url().includes(":240"));
    assert.deepEqual(new URL(page.url()).searchParams.getAll("sort"), ["-createdon", "-leadqualitycode"]);
    await page.locator(".record-grid.is-fixed").waitFor();
    await picture(page, "columns-chosen");
    await page.getByRole("link", { name: "Reset" }).click();
    await page.waitForFunction((first) => document.querySelector("th[data-column]")?.dataset.column === first, before[0]);
  });

  test("has columns that are made wider at their edge and by keys", async () => {
    await page.goto("/leads?view=all");
    const head = page.locator("th[data-column]").nth(1);
    const box = await head.boundingBox();
    await page.mouse.move(box.x + box.width - 1, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width + 80, box.y + 10, { steps: 6 });
    await page.mouse.up();
    await page.waitForURL(/c=/);
    await page.locator(".record-grid.is-fixed").waitFor();
    const wider = (await head.boundingBox()).width;
    assert.ok(Math.abs(wider - box.width - 81) < 6, `${box.width} became ${wider}`);
    const column = await head.getAttribute("data-column");
    await head.getByRole("link").focus();
    await page.keyboard.press("Shift+ArrowRight");
    await page.waitForURL((url) => url.searchParams.getAll("c").some((text) => text.startsWith(`${column}:`) && Math.abs(Number(text.split(":")[1]) - wider - 20) < 6));
    await focused(page, "th[data-column] a");
  });

  test("is sorted by one more column with Shift", async () => {
    await page.goto("/leads?view=all&sort=companyname");
    await page.locator("th[data-column=subject] a, th[data-column=fullname] a").first().click({ modifiers: ["Shift"] });
    await page.waitForURL((url) => url.searchParams.getAll("sort").length === 2);
    assert.equal(await page.locator(".sort-place").count() >= 1, true);
  });

  test("stands in groups with counts and sums, and totals over all rows", async () => {
    await page.goto("/opportunities?view=open");
    await page.locator(".grid-totals td.is-number").first().waitFor();
    await page.waitForFunction(() => /\d/.test(document.querySelector("tfoot .is-number")?.textContent ?? ""));
    await tool("Columns").click();
    await choose(dialog().getByRole("combobox", { name: "Group rows by" }), "rating", "Rating");
    await dialog().getByRole("button", { name: "Apply" }).click();
    const hot = page.locator(".group-head", { hasText: "Hot" });
    await hot.waitFor();
    const count = Number((await hot.locator(".group-count").innerText()).replace(/\D/g, ""));
    assert.ok(count > 0);
    await hot.getByRole("button").press("Enter");
    const rows = page.locator("tbody", { has: hot }).locator("[data-row]");
    await rows.first().waitFor();
    assert.equal(await rows.count(), Math.min(count, 50));
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "groups");
    await hot.getByRole("button").press("Enter");
    await rows.first().waitFor({ state: "hidden" });
  });

  test("covers the menus of rows with its totals, and nothing else", async () => {
    await page.goto("/opportunities?view=open");
    await page.waitForFunction(() => /\d/.test(document.querySelector("tfoot .is-number")?.textContent ?? ""));
    await page.setViewportSize({ width: 1440, height: 500 });
    const end = page.locator("tfoot .grid-actions");
    const [foot, menu] = [await end.boundingBox(), page.locator("[data-row-menu]")];
    const lower = await menu.evaluateAll((list, y) => list.filter((one) => one.getBoundingClientRect().bottom > y).length, foot.y);
    assert.ok(lower > 0, "rows go on below the totals");
    const seen = await end.evaluate((cell) => {
      const { x, y, width, height } = cell.getBoundingClientRect();
      const top = document.elementFromPoint(x + width / 2, y + height / 2);
      return { covers: cell.contains(top), background: getComputedStyle(cell).backgroundColor };
    });
    assert.equal(seen.covers, true);
    assert.match(seen.background, /^rgb\(/, "it can be seen through");
    await picture(page, "totals");
    await page.setViewportSize({ width: 1440, height: 900 });
    const phone = await openPage(browser, server, { width: 360, height: 740 });
    await phone.goto("/opportunities?view=open");
    await phone.locator(".grid-totals").waitFor({ state: "attached" });
    assert.equal(await phone.locator("tfoot .grid-actions").isVisible(), false, "it would lie over the head of the page");
    await phone.context().close();
  });

  test("keeps the name of its view in sight where there is little room for its head", async () => {
    await page.setViewportSize({ width: 1024, height: 768 });
    for (const list of ["/leads?view=all", "/opportunities?view=open", "/opportunities/board?view=open&by=stage"]) {
      await page.goto(list);
      const [name, filter] = [await page.locator(".view-switcher .view-name").boundingBox(), await page.locator(".quick-filter").boundingBox()];
      assert.ok(name.width > 60, `${list}: ${name.width} px are left for the name`);
      assert.ok(filter.x > name.x + name.width && filter.width > 100, list);
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  test("brings further rows as one scrolls, and tells how many there are", async () => {
    await page.goto("/leads?view=all");
    await page.locator(".grid-foot", { hasText: /of \d+/ }).waitFor();
    assert.equal(await page.locator("[data-row]").count(), 50);
    await page.locator(".grid-scroll").evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await page.waitForFunction(() => document.querySelectorAll("[data-row]").length === 100);
    await page.locator("#grid-range", { hasText: "1–100" }).waitFor();
    const next = page.getByRole("link", { name: "Next page" });
    assert.match(await next.getAttribute("href"), /at=100/);
  });

  test("is kept as a view, shared, found by typing and shown first", async () => {
    await page.goto("/leads?view=all&f=subject:contains:robot&group=leadqualitycode");
    await page.locator(".filter-keep").getByRole("button", { name: "Save as my view" }).click();
    await dialog().getByLabel("Name").fill("Robots by rating");
    await dialog().getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "Leads: Robots by rating" }).waitFor();
    await page.locator(".group-head").first().waitFor();
    const more = page.getByRole("toolbar", { name: "Commands" }).getByRole("button", { name: "More commands" });
    await more.click();
    await page.getByRole("button", { name: "Share this view" }).click();
    await dialog().getByRole("combobox", { name: "User or team" }).pressSequentially("a");
    await page.locator("dialog .ts-dropdown [role=option]").first().waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "view-shares");
    await page.locator("dialog .ts-dropdown [role=option]").first().click();
    await dialog().getByRole("button", { name: "Share", exact: true }).click();
    await page.getByText(/View shared with/).waitFor();
    await more.click();
    await page.getByRole("button", { name: "Show this view first" }).click();
    await page.getByText(/is what you see first of leads/).waitFor();
    await page.goto("/leads");
    await page.getByRole("heading", { name: "Leads: Robots by rating" }).waitFor();
    await page.locator(".view-switcher > button").click();
    await focused(page, "[data-view-search]");
    await page.keyboard.type("all le");
    await page.locator(".view-switcher .dropdown-item:not([hidden])").filter({ hasText: "All Leads" }).waitFor();
    assert.equal(await page.locator(".view-switcher .dropdown-item:not([hidden])").count(), 1);
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "views");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Leads: All Leads" }).waitFor();
  });

  test("works on a phone", async () => {
    const phone = await openPage(browser, server, { width: 360, height: 740 });
    await phone.goto("/leads?view=all&f=[\"any\",\"subject:contains:robot\",\"companyname:not-null\"]");
    const fits = () => phone.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
    assert.ok(await fits(), "nothing sticks out");
    await tool("All filters", phone).click();
    await dialog(phone).getByRole("button", { name: "Condition", exact: true }).first().click();
    await phone.waitForFunction(() => document.querySelectorAll("dialog .builder-condition").length === 3);
    await phone.keyboard.press("Escape");
    assert.ok(await fits());
    assert.deepEqual(await axeFindings(phone), []);
    await picture(phone, "filters-360");
    await phone.goto("/leads?view=all");
    await tool("Columns", phone).click();
    await dialog(phone).getByRole("button", { name: /^Remove / }).first().waitFor();
    assert.ok(await fits());
    assert.deepEqual(await axeFindings(phone), []);
    await picture(phone, "columns-360");
    await phone.goto("/opportunities?view=open&group=opportunityratingcode&c=name:400&c=estimatedvalue:300");
    await phone.locator(".group-head button").first().click();
    await phone.locator("[data-row]").first().waitFor();
    assert.ok(await fits());
    assert.deepEqual(await axeFindings(phone), []);
    await picture(phone, "groups-360");
    assert.deepEqual(phone.faults.splice(0), []);
    await phone.context().close();
  });

  test("is legible in the dark", async () => {
    const dark = await openPage(browser, server, { dark: true });
    await dark.goto("/opportunities?view=open&group=opportunityratingcode");
    await dark.locator(".group-head").first().waitFor();
    assert.deepEqual(await axeFindings(dark), []);
    await picture(dark, "groups-dark");
    await tool("All filters", dark).click();
    await dialog(dark).getByRole("button", { name: "Apply" }).waitFor();
    assert.deepEqual(await axeFindings(dark), []);
    await picture(dark, "filters-dark");
    await dark.context().close();
  });
});
