// A record shared with a team, changed, and not shared any more; its access team; without a script.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { around, axeFindings, picture } from "../harness.js";

describe("sharing", () => {
  let browser, server, page;

  around({ leads: 30 }, (started) => ({ browser, server, page } = started));

  const command = (name) => page.getByRole("toolbar", { name: "Commands" }).getByRole("link", { name, exact: true });
  const toast = (text) => page.locator("[data-toast]").filter({ hasText: text });
  const shared = () => page.getByRole("region", { name: "Users and teams it is shared with" });

  async function openRecord() {
    await page.goto("/opportunities?view=all");
    const links = await page.locator("a[href^='/opportunities/']").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
    await page.goto(links.find((href) => /^\/opportunities\/[0-9a-f-]{36}$/.test(href)));
  }

  async function choose(label, words) {
    const box = page.getByRole("combobox", { name: label });
    await box.fill(words);
    await page.getByRole("option", { name: new RegExp(words) }).first().waitFor();
    await box.press("Enter");
  }

  test("is begun, changed, ended and undone", async () => {
    await openRecord();
    await command("Share").click();
    await page.getByRole("heading", { name: "Sharing", exact: true }).waitFor();
    assert.ok(await page.getByLabel("Read").isChecked());
    await page.getByRole("button", { name: "Share", exact: true }).click();
    await page.getByRole("alert").getByText("Choose the user or team to share it with.").waitFor();

    await choose("User or team", "Key Accounts");
    await page.getByLabel("Write").check();
    await page.getByRole("button", { name: "Share", exact: true }).click();
    await toast("Shared with Key Accounts.").waitFor();
    await shared().getByRole("row", { name: /Key Accounts \(team\) Read, Write/ }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "sharing");

    await page.getByRole("link", { name: "Change what Key Accounts may do" }).click();
    await page.getByRole("heading", { name: "Change what Key Accounts may do" }).waitFor();
    await page.getByLabel("Write").uncheck();
    assert.deepEqual(await axeFindings(page), []);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await shared().getByRole("cell", { name: "Read", exact: true }).waitFor();

    await page.getByRole("button", { name: "Stop sharing with Key Accounts" }).click();
    await toast("No longer shared with Key Accounts.").getByRole("button", { name: "Undo" }).click();
    await shared().getByRole("row", { name: /Key Accounts/ }).waitFor();
  });

  test("gives a record a team of its own", async () => {
    await page.goto("/teamtemplates/new");
    await page.getByRole("textbox", { name: /^Name/ }).fill("Deal team");
    await page.getByLabel(/^Table/).selectOption({ label: "Opportunity" });
    await page.getByRole("toolbar", { name: "Commands" }).getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForURL(/\/teamtemplates\/[0-9a-f-]{36}$/);
    await openRecord();
    await page.getByRole("button", { name: "More commands" }).click();
    await page.getByRole("link", { name: "Access team", exact: true }).click();
    await page.getByRole("heading", { name: "Access team: Deal team" }).waitFor();
    const box = page.getByRole("combobox", { name: "User", exact: true });
    await box.focus();
    await page.getByRole("option").first().waitFor();
    const name = (await page.getByRole("option").first().locator(".lookup-name").textContent()).trim();
    await box.fill(name);
    await page.getByRole("option", { name: new RegExp(name) }).first().waitFor();
    await box.press("Enter");
    await page.getByRole("button", { name: "Add to Deal team" }).click();
    await toast(`${name} added to the access team.`).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "access-team");
    await page.getByRole("button", { name: `Remove ${name} from Deal team` }).click();
    await toast(`${name} removed from the access team.`).waitFor();
  });

  test("works without a script, on a phone", async () => {
    await openRecord();
    const record = new URL(page.url()).pathname;
    // By keyboard: whether an element stands still for a click is watched by a script, which this
    // page does not run.
    const press = async (place, key) => {
      await place.focus();
      await place.press(key);
    };
    const context = await browser.newContext({
      javaScriptEnabled: false,
      viewport: { width: 390, height: 844 },
      colorScheme: "dark",
      baseURL: server.address,
      storageState: await page.context().storageState(),
    });
    const plain = await context.newPage();
    await plain.goto(record + "/shares");
    await plain.getByLabel("Find users and teams called").fill("Key");
    await press(plain.getByRole("button", { name: "Find", exact: true }), "Enter");
    await plain.locator("select[name=principalid]").selectOption({ label: "Key Accounts" });
    await press(plain.getByLabel("Append to"), "Space");
    await press(plain.getByRole("button", { name: "Share", exact: true }), "Enter");
    await plain.getByRole("row", { name: /Key Accounts/ }).getByText("Append to").waitFor();
    await picture(plain, "sharing-without-script");
    await press(plain.getByRole("button", { name: "Stop sharing with Key Accounts" }), "Enter");
    await plain.getByText("Nobody.").waitFor();
    await context.close();
  });
});
