// Rows of a list: values changed in their cells, selections over pages, one thing done to many, the
// menu of a row, and jumping by letter; by mouse, by keyboard and on a phone.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { around, axeFindings, openPage, picture } from "../harness.js";

const LIST = "/leads?view=all&sort=fullname&f=statecode:eq:0";

describe("the rows of a list", () => {
  let server, browser, page;

  around({ leads: 420 }, (started) => ({ server, browser, page } = started));

  const cell = (column, place, on = page) => on.locator("tr[data-row]").nth(place).locator(`td[data-edit=${column}]`);
  const field = (on = page) => on.locator("[data-cell-form] input.form-control");
  const bar = (on = page) => on.locator("[data-bulk-bar]");
  const focused = (on = page) => on.evaluate(() => document.activeElement.closest("td")?.dataset.edit);

  test("opens a cell by double click, saves it by Enter, and takes it back", async () => {
    await page.goto(LIST);
    const before = (await cell("companyname", 2).innerText()).trim();
    await cell("companyname", 2).dblclick();
    await field().fill("Brennmoor Logistics");
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "cell-edit");
    await page.keyboard.press("Enter");
    await page.getByText(/^Company name of “.*” changed\.$/).waitFor();
    assert.equal((await cell("companyname", 2).innerText()).trim(), "Brennmoor Logistics");
    assert.equal(await focused(), "companyname", "the focus stays in the cell");
    assert.match(page.url(), /\/leads\?/, "the record does not open");
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText(/^Undone\./).waitFor();
    assert.equal((await cell("companyname", 2).innerText()).trim(), before);
  });

  test("opens a cell by double click on an address, which one click follows", async () => {
    await page.goto("/contacts?view=all");
    const mail = cell("emailaddress1", 1).locator("a");
    // What the browser would hand to another program.
    await page.evaluate(() => {
      window.followed = [];
      window.addEventListener("click", (event) => {
        const link = event.target.closest("a[href^='mailto:']");
        if (!link || event.defaultPrevented) return;
        event.preventDefault();
        window.followed.push(link.href);
      });
    });
    const followed = () => page.evaluate(() => window.followed.splice(0));
    const address = await mail.getAttribute("href");
    await mail.dblclick();
    await field().waitFor();
    assert.equal(await field().inputValue(), address.slice("mailto:".length));
    await page.waitForTimeout(500);
    assert.deepEqual(await followed(), [], "nothing is written to");
    await page.keyboard.press("Escape");
    await mail.click();
    await page.waitForFunction(() => window.followed.length > 0);
    assert.deepEqual(await followed(), [address]);
    await mail.press("Enter");
    assert.deepEqual(await followed(), [address], "a key means it");
    assert.equal(await field().count(), 0);
  });

  test("is changed by keyboard alone: arrows, F2, Tab, Escape", async () => {
    await page.goto(LIST);
    await page.locator("[data-row-link]").nth(1).focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await focused(), "subject");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("F2");
    await field().fill("Changed by keyboard");
    await page.keyboard.press("Tab");
    await page.getByText(/^Topic of “.*” changed\.$/).waitFor();
    await page.locator("td[data-edit=companyname] [data-cell-form]").waitFor();
    assert.equal((await cell("subject", 1).innerText()).trim(), "Changed by keyboard");
    const company = await field().inputValue();
    await field().fill("Never saved");
    await page.keyboard.press("Escape");
    assert.equal((await cell("companyname", 1).innerText()).trim(), company);
    assert.equal(await focused(), "companyname");
    await page.keyboard.press("Enter");
    await field().waitFor();
    await page.keyboard.press("Escape");
  });

  test("says at the cell what is wrong, and keeps what was typed", async () => {
    await page.goto(LIST);
    await cell("subject", 3).dblclick();
    await field().fill("");
    await page.keyboard.press("Enter");
    await page.locator("[data-cell-form] .field-error", { hasText: "Must be filled" }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "cell-refused");
    await field().fill("Filled");
    await page.keyboard.press("Enter");
    await page.getByText(/^Topic of “.*” changed\.$/).waitFor();
  });

  test("overwrites nothing that somebody else saved meanwhile", async () => {
    await page.goto(LIST);
    await cell("companyname", 4).dblclick();
    await field().fill("Mine Ltd");
    const other = await openPage(browser, server);
    await other.goto(LIST);
    await cell("companyname", 4, other).dblclick();
    await field(other).fill("Theirs Ltd");
    await other.keyboard.press("Enter");
    await other.getByText(/^Company name of “.*” changed\.$/).waitFor();
    assert.equal(await field().inputValue(), "Mine Ltd", "a cell under edit is not replaced");
    await page.keyboard.press("Enter");
    await page.locator("[data-cell-form]", { hasText: "Theirs Ltd" }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "cell-contested");
    await page.getByLabel("Take theirs when saving").check();
    await field().press("Enter");
    await page.locator("[data-cell-form]").waitFor({ state: "detached" });
    assert.equal((await cell("companyname", 4).innerText()).trim(), "Theirs Ltd");
    await other.context().close();
  });

  test("finds another record in a cell by typing, and goes on by Tab", async () => {
    await page.goto("/opportunities?view=open");
    const customer = page.locator("tr[data-row]").nth(2).locator("td[data-edit=customerid]");
    const others = await page.locator("td[data-edit=customerid] .cell-lookup").allInnerTexts();
    const wanted = others.find((name) => name.trim() !== others[2].trim()).trim();
    await customer.click({ position: { x: 2, y: 30 } });
    await page.keyboard.press("F2");
    await customer.locator("input[role=combobox]").fill(wanted);
    await customer.getByRole("option", { name: wanted }).first().waitFor();
    await page.keyboard.press("Enter");
    // What was saved is heard of, and the row drawn anew, while the next cell is on its way.
    await page.route(/\/cell\?column=estimatedvalue/, async (route) => {
      await page.waitForTimeout(1500);
      await route.continue();
    });
    await page.keyboard.press("Tab");
    await page.getByText(/^Potential customer of “.*” changed\.$/).waitFor();
    assert.equal((await customer.innerText()).trim(), wanted);
    await page.locator("td[data-edit=estimatedvalue] [data-cell-form]").waitFor();
    await page.unroute(/\/cell\?column=estimatedvalue/);
    assert.deepEqual(await axeFindings(page), []);
    await page.keyboard.press("Escape");
  });

  test("keeps a selection over pages and takes ranges", async () => {
    await page.goto(LIST);
    await page.locator("[data-select-row]").nth(1).click();
    await page.locator("[data-select-row]").nth(4).click({ modifiers: ["Shift"] });
    await bar().getByText("4 selected").waitFor();
    await page.getByRole("link", { name: "Next page" }).click();
    await bar().getByText("4 selected, 4 on other pages").waitFor();
    await page.locator("[data-select-row]").first().check();
    await bar().getByText("5 selected, 4 on other pages").waitFor();
    await bar().getByRole("button", { name: "Assign" }).click();
    // By Escape, its open list of suggestions would go first.
    await page.getByRole("dialog", { name: "Assign 5 leads" }).getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Previous page" }).click();
    await bar().getByText("5 selected, 1 on other pages").waitFor();
    await page.keyboard.press("Escape");
    await bar().waitFor({ state: "hidden" });
  });

  test("changes the whole list, tells what became of it and undoes it as one", async () => {
    await page.goto("/leads?view=all");
    await page.getByLabel("Select all rows").check();
    await bar().getByRole("button", { name: "Select the whole list" }).click();
    await bar().getByText("All 420 leads selected").waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await bar().getByRole("button", { name: "Edit" }).click();
    const dialog = page.getByRole("dialog", { name: "Edit 420 leads" });
    await dialog.getByLabel("Add a column").selectOption({ label: "Job title" });
    await dialog.getByLabel("Job title", { exact: true }).fill("Buyer");
    await dialog.getByLabel("Add a column").selectOption({ label: "Industry" });
    await dialog.getByLabel("Clear the value: Industry").check();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "bulk-edit");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByRole("link", { name: "Back to the list" }).waitFor();
    await page.getByText(/^\d+ leads changed\.$/).waitFor();
    await page.getByText(/is qualified and read-only/).first().waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "bulk-report");
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText(/^Undone\. \d+ records/).waitFor();
    await page.goto("/leads?view=all&f=jobtitle:eq:Buyer");
    await page.getByText("No leads fit").waitFor();
  });

  test("logs a call from a row where calls are logged", async () => {
    await page.goto(LIST);
    await page.keyboard.press("j");
    await page.keyboard.press(".");
    await page.locator(".grid-actions .dropdown-menu.show").getByText("Log a call").click();
    const call = page.locator("form[data-composer]");
    await call.getByLabel("Outcome").waitFor();
    assert.match(page.url(), /\/leads\/[0-9a-f-]+$/);
    await call.getByRole("button", { name: "Cancel" }).click();
  });

  test("opens the menu of a row by its key and by mouse", async () => {
    await page.goto(LIST);
    await page.keyboard.press("j");
    await page.keyboard.press(".");
    const menu = page.locator(".grid-actions .dropdown-menu.show");
    await menu.getByText("Log a call").waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "row-menu");
    await page.keyboard.press("ArrowDown");
    assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), "Edit");
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Company name").fill("From the menu");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByText(/^Company name of “.*” changed\.$/).waitFor();
    assert.match(page.url(), /f=statecode:eq:0/, "the list is as it was");
    assert.equal((await cell("companyname", 0).innerText()).trim(), "From the menu");
    const name = (await page.locator("[data-row-link]").nth(5).innerText()).trim();
    await page.getByRole("button", { name: `Actions for ${name}` }).first().click();
    await menu.getByRole("button", { name: "Pin" }).click();
    await page.locator("#pinned", { hasText: name }).waitFor();
  });

  test("leads two selected rows to their comparison", async () => {
    await page.goto("/accounts?view=all");
    await page.locator("[data-select-row]").nth(0).check();
    await bar().getByLabel("More commands for the selection").click();
    assert.equal(await bar().getByRole("button", { name: "Merge" }).isVisible(), false, "one alone is not merged");
    await page.keyboard.press("Escape");
    await page.locator("[data-select-row]").nth(1).check();
    await bar().getByLabel("More commands for the selection").click();
    await bar().getByRole("button", { name: "Merge" }).click();
    await page.getByRole("heading", { name: "Merge" }).waitFor();
  });

  test("jumps to a letter, on and back", async () => {
    await page.goto("/leads?view=all&sort=fullname");
    const letters = page.getByRole("navigation", { name: "Jump to a letter of Name" });
    await letters.getByRole("link", { name: "M", exact: true }).click();
    await page.waitForURL(/letter=m/);
    const first = page.locator("[data-row-link]").first();
    assert.match(await first.innerText(), /^M/);
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "jump");
    await page.getByRole("link", { name: "Previous page" }).click();
    await page.waitForFunction(() => !/^M/.test(document.querySelector("[data-row-link]").textContent));
    assert.ok((await page.locator("[data-row-link]").last().innerText()) < "M");
  });

  for (const dark of [false, true]) {
    test(`works on a phone ${dark ? "in the dark" : "by day"}`, async () => {
      const phone = await openPage(browser, server, { width: 360, height: 740, dark });
      await phone.goto(LIST);
      await phone.locator("[data-row-menu]").first().waitFor();
      const overflow = await phone.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(overflow <= 0, `scrolls sideways by ${overflow} px`);
      assert.deepEqual(await axeFindings(phone), []);
      await phone.locator("[data-row-menu]").first().click();
      await phone.locator(".dropdown-menu.show").getByRole("button", { name: "Edit" }).click();
      const dialog = phone.getByRole("dialog");
      await dialog.getByLabel("Topic").fill(`From a phone ${dark}`);
      assert.deepEqual(await axeFindings(phone), []);
      await picture(phone, `rows-phone${dark ? "-dark" : ""}`);
      await dialog.getByRole("button", { name: "Save" }).click();
      await phone.getByText(/^Topic of “.*” changed\.$/).waitFor();
      await phone.locator("[data-select-row]").first().check();
      await bar(phone).getByRole("button", { name: "Disqualify" }).click();
      await phone.getByRole("dialog", { name: "Disqualify 1 lead" }).getByRole("button", { name: "Cannot Contact" }).click();
      await phone.getByText("Lead disqualified.").waitFor();
      assert.deepEqual(phone.faults, []);
      await phone.context().close();
    });
  }
});
