// What is typed into a field is checked once the field is left, before anything is saved.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { around, axeFindings, openPage, picture } from "../harness.js";

describe("a field that is left", () => {
  let server, browser, page;
  /** The fields that were sent to be checked, in turn. */
  const checked = [];

  around({ leads: 30 }, (started) => {
    ({ server, browser, page } = started);
    page.on("request", (request) => {
      if (!request.url().endsWith("/checks")) return;
      checked.push([...new URLSearchParams(request.postData()).keys()].filter((name) => name !== "csrf").join());
    });
  });

  const error = (name, on = page) => on.locator(`[data-field="${name}"] .field-error`);
  const openFirst = async (list, on = page, row = 0) => {
    await on.goto(list);
    await on.locator("tbody a[data-row-link]").nth(row).click();
    await on.locator("#record[data-live-record]").waitFor();
    checked.length = 0;
  };
  const answered = () => page.waitForResponse((response) => response.url().endsWith("/checks"));

  test("is told to be wrong at once, and to be right once it is", async () => {
    await openFirst("/leads?view=open");
    const mail = page.getByLabel("E-mail", { exact: true });
    await mail.fill("not mail");
    assert.equal(await error("emailaddress1").count(), 0, "not while one types");
    await mail.press("Tab");
    await error("emailaddress1").waitFor();
    assert.equal(await mail.getAttribute("aria-invalid"), "true");
    assert.equal(await mail.getAttribute("aria-describedby"), await error("emailaddress1").getAttribute("id"));
    assert.equal(await mail.evaluate((field) => field === document.activeElement), false);
    await page.getByRole("status").filter({ hasText: `E-mail: ${await error("emailaddress1").innerText()}` }).waitFor({ state: "attached" });
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "field-checked");

    // Left again as it is: it stays wrong, and nobody is asked.
    await mail.focus();
    await mail.press("End");
    await mail.press("x");
    await mail.press("Backspace");
    await mail.press("Tab");
    await error("emailaddress1").waitFor();
    assert.deepEqual(checked, ["emailaddress1"]);

    await mail.fill("right@example.com");
    await mail.press("Tab");
    await error("emailaddress1").waitFor({ state: "detached" });
    assert.equal(await mail.getAttribute("aria-invalid"), null);
    assert.equal(await mail.getAttribute("aria-describedby"), null);
  });

  test("is not asked about as long as nothing was changed in it", async () => {
    await openFirst("/leads?view=open");
    await page.getByLabel("Topic").focus();
    for (let times = 0; times < 12; times += 1) await page.keyboard.press("Tab");
    await page.goto("/leads/new");
    await page.getByLabel("Topic").focus();
    for (let times = 0; times < 12; times += 1) await page.keyboard.press("Tab");
    await page.waitForTimeout(300);
    assert.deepEqual(checked, []);
    assert.equal(await page.locator(".field-error").count(), 0, "what must be filled and is not yet is not told");
  });

  test("must be filled where somebody empties it", async () => {
    await openFirst("/leads?view=open");
    const name = page.getByLabel("Last name");
    const before = await name.inputValue();
    await name.fill("");
    await name.press("Tab");
    await error("lastname").getByText("Must be filled.").waitFor();
    await name.fill(before);
    await name.press("Tab");
    await error("lastname").waitFor({ state: "detached" });

    await page.goto("/leads/new");
    checked.length = 0;
    for (const text of ["Lind", ""]) {
      await name.fill(text);
      await name.press("Tab");
    }
    await error("lastname").getByText("Must be filled.").waitFor();
    assert.deepEqual(checked, ["lastname", "lastname"]);
    assert.equal(await page.locator(".field-error").count(), 1);
  });

  test("holds an amount, a date or a record as well as a text", async () => {
    await openFirst("/opportunities?view=open");
    const amount = page.locator("input[name=budgetamount], input[name=estimatedvalue]").first();
    const name = await amount.getAttribute("name");
    await amount.fill("12x");
    await amount.press("Tab");
    await error(name).waitFor();
    await amount.fill("1234.5");
    const right = answered();
    await amount.press("Tab");
    await right;
    assert.equal(await error(name).count(), 0);
    assert.equal(await amount.inputValue(), "1,234.50");
    assert.deepEqual(checked, [name, name]);

    const date = page.getByLabel("Est. close date");
    const before = await date.inputValue();
    await date.focus();
    await date.press("Delete");
    await page.getByLabel("Topic").focus();
    await error("estimatedclosedate").getByText("This date is not complete.").waitFor();
    await date.fill(before);
    await page.getByLabel("Topic").focus();
    await error("estimatedclosedate").waitFor({ state: "detached" });

    const currency = page.locator("[data-field=transactioncurrencyid]");
    await currency.getByRole("combobox").focus();
    await currency.getByRole("button", { name: /^Remove/ }).click();
    const told = answered();
    await page.getByLabel("Topic").focus();
    await told;
    assert.equal(checked.at(-1), "transactioncurrencyid");
  });

  test("is not saved as empty while it holds half a date", async () => {
    await openFirst("/opportunities?view=open", page, 1);
    const date = page.getByLabel("Est. close date");
    const before = await date.inputValue();
    await date.focus();
    await date.press("Delete");
    await date.press("Control+s");
    await error("estimatedclosedate").getByText("This date is not complete.").waitFor();
    assert.equal(await date.evaluate((field) => field === document.activeElement), true);
    await page.getByLabel("Topic").fill("With its date");
    await page.getByRole("toolbar", { name: "Commands" }).getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForTimeout(300);
    assert.equal(await page.getByText("Saved.", { exact: true }).count(), 0);
    await date.fill(before);
    await page.keyboard.press("Control+s");
    await page.getByText("Saved.", { exact: true }).waitFor();
    assert.equal(await date.inputValue(), before);
  });

  test("of a short form is checked as well, and nothing moves under a press", async () => {
    await page.goto("/leads");
    await page.keyboard.press("n");
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    const mail = dialog.getByLabel("E-mail", { exact: true });
    await mail.fill("not mail");
    const told = answered();
    const topic = await dialog.getByLabel("Topic").boundingBox();
    await page.mouse.move(topic.x + 20, topic.y + topic.height / 2);
    await page.mouse.down();
    await told;
    await page.waitForTimeout(200);
    assert.equal(await error("emailaddress1", dialog).count(), 0, "as long as the button is held");
    await page.mouse.up();
    await error("emailaddress1", dialog).waitFor();
    await dialog.getByRole("status").filter({ hasText: "E-mail:" }).waitFor({ state: "attached" });
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "field-checked-in-short-form");
    await mail.fill("right@example.com");
    await dialog.getByLabel("Topic").focus();
    await error("emailaddress1", dialog).waitFor({ state: "detached" });
  });

  test("is checked on a phone, in the dark", async () => {
    const phone = await openPage(browser, server, { width: 360, height: 740, dark: true });
    await openFirst("/leads?view=open", phone);
    const mail = phone.getByLabel("E-mail", { exact: true });
    await mail.fill("not mail");
    await mail.press("Tab");
    await error("emailaddress1", phone).waitFor();
    assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "nothing sticks out");
    assert.deepEqual(await axeFindings(phone), []);
    await picture(phone, "field-checked-phone");
    assert.deepEqual(phone.faults, []);
    await phone.context().close();
  });
});
