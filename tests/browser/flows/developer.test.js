// The page for developers: found by the menu, a table read, a request tried and a write confirmed.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { around, axeFindings, openPage, picture } from "../harness.js";

describe("the page for developers", () => {
  let server, browser, page;
  around({ leads: 20 }, (given) => ({ server, browser, page } = given));

  const tooWide = (view) => view.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

  test("leads from the menu to a table with its columns, relationships and examples", async () => {
    await page.goto("/home");
    await page.getByRole("button", { name: /^Account of/ }).click();
    await page.getByRole("link", { name: "For developers" }).click();
    await page.getByRole("heading", { name: "For developers", level: 1 }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.getByLabel("Search for a table").fill("lead");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "lead", exact: true }).click();
    await page.getByRole("heading", { name: "Leads", level: 1 }).waitFor();
    const columns = page.getByRole("table", { name: "Columns" });
    await columns.getByText("leadqualitycode", { exact: true }).waitFor();
    await columns.getByText("_parentaccountid_value").waitFor();
    await page.getByRole("table", { name: "What can be done" }).getByText("QualifyLead", { exact: true }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "developer-table");
  });

  test("tries a request at once that reads, and asks before one that writes", async () => {
    await page.goto("/developer/lead");
    await page.getByLabel("Request address").fill("leads?$select=subject,lastname&$top=2");
    await page.getByRole("button", { name: "Send request" }).press("Enter");
    const answer = page.locator("#answer");
    await answer.getByText("200 OK").waitFor();
    const read = JSON.parse(await answer.getByRole("region", { name: "Body of the answer" }).textContent());
    assert.equal(read.value.length, 2);
    const id = read.value[0].leadid;

    await page.getByLabel("Method").selectOption("PATCH");
    await page.getByLabel("Request address").fill(`leads(${id})`);
    await page.getByRole("textbox", { name: "Headers" }).fill("Prefer: return=representation");
    await page.getByRole("textbox", { name: "Body" }).fill('{"jobtitle": "Buyer of robots"}');
    await page.getByRole("button", { name: "Send request" }).click();
    await answer.getByText("Send this request?").waitFor();
    await picture(page, "developer-question");
    assert.deepEqual(await axeFindings(page), []);
    await page.getByRole("button", { name: "Yes, send it" }).click();
    await answer.getByText("200 OK").waitFor();
    await answer.getByText("Buyer of robots").waitFor();
    await answer.getByText("Headers of the answer").first().click();
    await answer.getByText("odata-version").waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "developer-answer");

    await page.getByLabel("Method").selectOption("GET");
    await page.getByLabel("Request address").fill("leads?$filter=nonsense eq 1");
    await page.getByRole("textbox", { name: "Body" }).fill("");
    await page.getByRole("button", { name: "Send request" }).click();
    await answer.getByText("400 Bad Request").waitFor();
    await answer.getByText(/nonsense/).last().waitFor();
  });

  test("takes an example into its form", async () => {
    await page.goto("/developer/account");
    await page.locator("#examples").getByRole("link", { name: "Put into the form" }).nth(3).click();
    await page.waitForURL(/method=POST/);
    assert.equal(await page.getByLabel("Method").inputValue(), "POST");
    assert.match(await page.getByRole("textbox", { name: "Body" }).inputValue(), /"name"/);
    await page.getByRole("button", { name: "Send request" }).click();
    await page.getByRole("button", { name: "Yes, send it" }).click();
    await page.locator("#answer").getByText("204 No Content").waitFor();
  });

  test("fits a small phone in the dark, in German", async () => {
    const phone = await openPage(browser, server, { width: 360, height: 780, dark: true });
    for (const address of ["/developer", "/developer/opportunity"]) {
      await phone.goto(address);
      assert.equal(await tooWide(phone), false, address);
      assert.deepEqual(await axeFindings(phone), []);
    }
    await phone.getByRole("button", { name: "Send request" }).click();
    await phone.locator("#answer").getByText("200 OK").waitFor();
    await phone.mouse.move(0, 0); // off the button, which is darker under it
    assert.equal(await tooWide(phone), false, "the answer");
    assert.deepEqual(await axeFindings(phone), []);
    await picture(phone, "developer-phone");
    await phone.context().close();
    const german = await openPage(browser, server, { locale: "de-DE", signedIn: false });
    await german.goto("/sign-in");
    await german.getByLabel("E-Mail").fill("ada@contoso.example");
    await german.getByLabel("Passwort").fill("correct horse battery");
    await german.getByRole("button", { name: "Anmelden", exact: true }).click();
    await german.waitForURL(/\/home$/);
    await german.goto("/developer/lead");
    await german.getByRole("heading", { name: "Eine Anfrage ausprobieren" }).waitFor();
    await german.getByText("Verweis, eine GUID").first().waitFor();
    await german.context().close();
  });
});
