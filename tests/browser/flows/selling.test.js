// From a lead to a won deal, by hand.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { around, axeFindings, picture } from "../harness.js";

describe("a seller", () => {
  let page;

  around({ leads: 60 }, (started) => ({ page } = started));

  test("signs in and sees a list of leads", async () => {
    await page.goto("/leads?view=open");
    await page.getByRole("table").first().waitFor();
    assert.ok((await page.locator("tbody tr").count()) > 5);
    await picture(page, "leads");
  });

  test("creates a lead, and what is wrong is said beside the field and nothing typed is lost", async () => {
    await page.goto("/leads/new");
    await page.getByLabel("Topic").fill("Conveyor for the new hall");
    await page.getByLabel("Company name").fill("Graphic Design Institute");
    await page.getByLabel("First name").fill("Lena");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.locator("[aria-invalid=true]").first().waitFor();
    assert.equal(await page.getByLabel("Topic").inputValue(), "Conveyor for the new hall");

    await page.getByLabel("Last name").fill("Lindqvist");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForURL(/\/leads\/[0-9a-f-]{36}/);
    await page.getByRole("heading", { name: "Lena Lindqvist" }).waitFor();
    await picture(page, "lead");
  });

  test("qualifies it into an account, a contact and an opportunity", async () => {
    await page.getByLabel("Commands", { exact: true }).getByRole("button", { name: "Qualify", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    await picture(page, "qualify");
    assert.deepEqual(await axeFindings(page), []);
    await dialog.getByRole("button", { name: "Qualify", exact: true }).click();
    await page.waitForURL(/\/opportunities\/[0-9a-f-]{36}/);
    await page.getByRole("heading", { name: "Conveyor for the new hall" }).waitFor();
    await picture(page, "opportunity");
  });

  test("edits the deal and wins it", async () => {
    await page.getByLabel("Est. revenue").fill("12500");
    await page.keyboard.press("Control+s");
    await page.getByText("Saved.", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Close as won" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    await picture(page, "close-as-won");
    assert.deepEqual(await axeFindings(page), []);
    assert.match(await dialog.getByLabel("Actual revenue").inputValue(), /12,?500/);
    await dialog.getByRole("button", { name: "Close as won", exact: true }).click();
    await page.getByRole("button", { name: "Reopen" }).first().waitFor();
    await picture(page, "won");
  });

  test("sees in the history who changed what", async () => {
    await page.goto(`${new URL(page.url()).pathname}/history`);
    await page.locator(".history").getByText("Est. revenue").first().waitFor();
    await page.getByText(/12,500/).first().waitFor();
    await picture(page, "history");
  });

  test("finds a record by typing the beginning of its name", async () => {
    await page.goto("/leads");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("conveyor");
    await page.getByRole("option", { name: /Conveyor for the new hall/ }).or(page.getByRole("link", { name: /Conveyor for the new hall/ })).first().waitFor();
  });

  test("takes a list out as a file that is whole", async () => {
    await page.goto("/leads?view=all");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.evaluate(() => {
        location.href = "/leads?view=all&format=csv";
      }),
    ]);
    const lines = readFileSync(await download.path(), "utf8").trim().split("\r\n");
    assert.ok(lines.length > 50, `${lines.length} lines`);
    assert.match(lines[0], /Topic/);
  });
});
