// Somebody asks for their data, gets it, and has it erased.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { around, axeFindings, picture } from "../harness.js";

describe("privacy", () => {
  let page, server;

  around({ leads: 0 }, (started) => ({ page, server } = started));

  test("finds a person, hands out what is kept and erases it", async () => {
    await page.goto("/contacts/new");
    await page.getByLabel("First name").fill("Jane");
    await page.getByLabel("Last name").fill("Undoe");
    await page.getByLabel("E-mail", { exact: true }).fill("jane@undoe.example");
    await page.getByRole("toolbar", { name: "Commands" }).getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForURL(/\/contacts\/[0-9a-f-]{36}/);

    await page.goto("/privacy");
    assert.deepEqual(await axeFindings(page), []);
    await page.getByLabel("E-mail address").fill("jane@undoe.example");
    await page.getByRole("button", { name: "Look" }).click();
    await page.getByRole("heading", { name: "Records about them (1)" }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "privacy-findings");

    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download" }).click();
    assert.match((await download).suggestedFilename(), /^personal-data-.*\.zip$/);

    await page.getByLabel(/^Reference: the number/).fill("R-17");
    await page.getByLabel(/^Write/).fill("erase");
    await page.getByRole("button", { name: "Erase for good" }).click();
    await page.waitForURL(/\/privacy\/reports\//);
    await page.getByText("anonymised").waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "privacy-report");
    assert.doesNotMatch(await page.content(), /Undoe/);
    assert.match(server.run("check"), /nothing is wrong/);
  });
});
