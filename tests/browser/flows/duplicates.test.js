// A duplicate: warned of, saved anyway, merged, and taken apart again; and told where a short form makes one.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { around, axeFindings, openPage, picture } from "../harness.js";

describe("duplicates", () => {
  let server, browser, page;

  around({ leads: 0 }, (started) => ({ server, browser, page } = started));

  const command = (name) => page.getByRole("toolbar", { name: "Commands" }).getByRole("button", { name, exact: true });
  const dialog = () => page.getByRole("dialog");
  const toast = (text) => page.locator("[data-toast]").filter({ hasText: text });

  async function fill(first, last, email) {
    await page.goto("/contacts/new");
    await page.getByLabel("First name").fill(first);
    await page.getByLabel("Last name").fill(last);
    await page.getByLabel("E-mail", { exact: true }).fill(email);
  }

  const saved = () => page.waitForURL(/\/contacts\/[0-9a-f-]{36}/);

  test("is warned of, saved anyway, merged and undone", async () => {
    await fill("Ada", "Byron", "ada@contoso.example");
    await page.getByLabel("Job title").fill("Countess");
    await command("Save").click();
    await saved();
    const first = new URL(page.url()).pathname;

    await fill("A.", "Lovelace", "ADA+news@contoso.example");
    await command("Save").click();
    await dialog().getByText("Duplicate records detected").waitFor();
    await dialog().getByRole("link", { name: /Ada Byron/ }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "duplicate-warning");

    // Looking away loses nothing that was typed.
    await dialog().getByRole("button", { name: "Close", exact: true }).click();
    await dialog().waitFor({ state: "detached" });
    assert.equal(await page.getByLabel("Last name").inputValue(), "Lovelace");

    await command("Save").click();
    await dialog().getByRole("button", { name: "Save anyway" }).click();
    await saved();
    await dialog().waitFor({ state: "detached" });
    await page.getByText("1 possible duplicate: “Ada Byron” (same e-mail address).").waitFor();

    await page.getByRole("link", { name: "Compare" }).click();
    await page.getByRole("heading", { name: "Merge" }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "merge");
    await page.getByLabel("Keep Ada Byron").check();
    await page.getByRole("button", { name: "Merge", exact: true }).click();
    await page.waitForURL((url) => url.pathname === first);
    await toast("Contact merged.").waitFor();
    assert.equal(await page.getByLabel("Last name").inputValue(), "Lovelace");
    assert.equal(await page.getByLabel("Job title").inputValue(), "Countess");

    await toast("Contact merged.").getByRole("button", { name: "Undo" }).click();
    await toast("Undone.").waitFor();
    assert.equal(await page.getByLabel("Last name").inputValue(), "Byron");
    await page.getByText("1 possible duplicate").waitFor();

    await page.goto("/contacts/duplicates");
    await page.getByRole("region", { name: "Pairs that may be the same" }).getByRole("link", { name: /^Compare/ }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "duplicates");
  });

  test("stands at the top of a short form, which has the focus, and Save saves it all the same", async () => {
    await openShort(page);
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "duplicate-warning-short-form");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent.includes("Ada Byron")), true, "the first one is the next to reach");
    await dialog().getByRole("button", { name: "Save", exact: true }).click();
    await saved();
    await page.getByRole("heading", { name: "Augusta King" }).waitFor();
  });

  test("is seen on a phone, in the dark", async () => {
    const phone = await openPage(browser, server, { width: 360, height: 740, dark: true });
    await openShort(phone);
    assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "nothing sticks out");
    assert.deepEqual(await axeFindings(phone), []);
    await picture(phone, "duplicate-warning-phone");
    await phone.context().close();
  });

  async function openShort(on) {
    await on.goto("/contacts");
    await on.keyboard.press("n");
    const form = on.getByRole("dialog");
    await form.getByLabel("First name").fill("Augusta");
    await form.getByLabel("Last name").fill("King");
    await form.getByLabel("E-mail", { exact: true }).fill("ada@contoso.example");
    await form.getByRole("button", { name: "Save", exact: true }).click();
    await form.getByText("Choose Save again to make a new one.").waitFor();
    assert.equal(await on.evaluate(() => document.activeElement.matches("[data-error-summary]")), true, "it is read out");
    const warning = form.getByRole("heading", { name: "Duplicate records detected" });
    const [link, foot] = [form.getByRole("link", { name: /Ada Byron/ }), form.getByRole("button", { name: "Save", exact: true })];
    assert.equal(await warning.isVisible(), true);
    assert.ok((await link.boundingBox()).y < (await foot.boundingBox()).y, "above the fold");
  }
});
