// An administrator designs a flow: stages, steps and nested conditions, by mouse and by keyboard, on a phone too.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EMAIL, around, axeFindings, openPage, picture } from "../harness.js";

describe("the flow designer", () => {
  let server, browser, page, api;
  const flow = "/process-designer/new_large_deals";

  around({ leads: 60 }, (started) => {
    ({ server, browser, page } = started);
    const token = server.run("token", "create", "--user", EMAIL, "--name", "tests", "--days", "1").trim();
    api = async (address, made) => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const request = made ? { method: "POST", headers, body: JSON.stringify(made) } : { headers };
      const response = await fetch(`${server.address}/api/${address}`, request);
      assert.ok(response.ok, await response.clone().text());
      return made ? response : response.json();
    };
  });

  const dialog = () => page.getByRole("dialog");
  const stages = () => page.locator(".designer-stage h3").allInnerTexts();

  async function addStage(name, phase) {
    await page.getByRole("button", { name: "Add stage" }).click();
    await dialog().getByLabel("Name").fill(name);
    await dialog().locator("#designing-category").selectOption(phase);
    await dialog().getByRole("button", { name: "Add", exact: true }).click();
    await dialog().waitFor({ state: "detached" });
    await page.locator(".designer-stage h3").getByText(name).waitFor();
  }

  async function addCondition(button, column, operator, value) {
    await button.click();
    const editor = dialog().locator("[data-filter-editor]");
    await editor.waitFor();
    await choose("#editor-filter_column", column);
    await dialog().locator(`input[name=filter_was][value=${column}]`).waitFor({ state: "attached" });
    await dialog().locator(`#editor-filter_operator option[value=${operator}]`).waitFor({ state: "attached" });
    await dialog().locator("#editor-filter_operator").selectOption(operator);
    // Its fields come again; what is typed before that would go with those that are there now.
    await dialog().locator(`#editor-filter_operator option[value=${operator}][selected]`).waitFor({ state: "attached" });
    await dialog().locator("#filter-filter_value").fill(value);
    await dialog().getByRole("button", { name: "Add", exact: true }).click();
    await dialog().waitFor({ state: "detached" });
  }

  /** A choice narrowed by typing is a list of suggestions over the select. */
  async function choose(select, value) {
    await page.locator(select).evaluate((element, chosen) => {
      if (element.tomselect) return element.tomselect.setValue(chosen);
      element.value = chosen;
      element.dispatchEvent(new Event("change", { bubbles: true }));
    }, value);
  }

  /** Through the dialog of a step by keyboard, with the mouse in the way: its list opens only when asked for. */
  async function passThroughStep(name) {
    await page.getByRole("button", { name: `Change step ${name}` }).click();
    const column = dialog().getByRole("combobox", { name: "Column or button" });
    const list = dialog().locator(".ts-dropdown");
    await page.waitForFunction(() => document.activeElement?.matches("[role=combobox]"));
    assert.equal(await column.getAttribute("aria-expanded"), "false", "it does not open by itself");
    await picture(page, "designer-change-step");
    await column.click();
    await list.getByRole("option").first().hover();
    await list.getByRole("option").nth(2).hover();
    await page.keyboard.press("Tab");
    await list.waitFor({ state: "hidden" });
    assert.equal(await dialog().locator("#designing-what").inputValue(), "customerneed");
    await column.focus();
    await page.keyboard.type("budget am");
    await page.keyboard.press("Tab");
    await dialog().locator(".ts-control").getByText("Budget amount").waitFor();
    await column.focus();
    await page.keyboard.type(name);
    await page.keyboard.press("Enter");
    assert.equal(await dialog().locator("#designing-what").inputValue(), "customerneed");
    await dialog().getByRole("button", { name: "Save", exact: true }).click();
    await dialog().waitFor({ state: "detached" });
    await page.locator(".designer-step").getByText(name).waitFor();
  }

  test("begins a flow, with what is wrong told at its field", async () => {
    await page.goto("/process-designer");
    await page.getByRole("heading", { name: "Flow designer" }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.getByRole("button", { name: "New flow" }).click();
    await dialog().getByRole("button", { name: "Create" }).click();
    await dialog().getByText("Give it a name.").first().waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await dialog().getByLabel("Name").fill("Large deals");
    await choose("#designing-table", "opportunity");
    await dialog().getByRole("button", { name: "Create" }).click();
    await page.waitForURL(`**${flow}`);
    assert.deepEqual(await stages(), ["1. Start"]);
  });

  test("adds stages, a step and a nested condition, and draws them", async () => {
    await addStage("Approve", "Approval");
    await addStage("Close the deal", "Close");
    await page.getByRole("button", { name: "Add a step to Start" }).click();
    await choose("#designing-what", "customerneed");
    await dialog().getByLabel("Required").check();
    await dialog().getByRole("button", { name: "Add", exact: true }).click();
    await dialog().waitFor({ state: "detached" });
    await page.locator(".designer-step").getByText("Customer need").waitFor();
    await passThroughStep("Customer need");

    const approve = page.locator("#stage-approve");
    await addCondition(approve.getByRole("button", { name: "Add condition" }), "estimatedvalue", "ge", "1000");
    await approve.getByRole("button", { name: "Add a group inside this one" }).click();
    await page.getByText("To be mended before publishing").waitFor();
    assert.deepEqual(await axeFindings(page), []);
    const inner = approve.getByRole("group", { name: "Any of these" });
    await addCondition(inner.getByRole("button", { name: "Add a condition to this group" }), "budgetamount", "ge", "10");
    await page.getByText("To be mended before publishing").waitFor({ state: "detached" });
    await approve.getByRole("combobox", { name: "How the conditions are joined" }).first().selectOption("any");
    await page.getByText("One of them is enough now.").waitFor();
    assert.match(await page.locator(".flow-picture ol").innerText(), /Approve.*otherwise to Close the deal/);
    await picture(page, "process-designer");
    assert.deepEqual(await axeFindings(page), []);
  });

  test("keeps the draft over a reload, and undoes a step of it", async () => {
    await page.reload();
    assert.deepEqual(await stages(), ["1. Start", "2. Approve", "3. Close the deal"]);
    await page.getByRole("button", { name: "Remove stage Approve" }).click();
    await page.getByText("Stage removed.").waitFor();
    assert.deepEqual(await stages(), ["1. Start", "2. Close the deal"]);
    await page.getByRole("button", { name: "Undo" }).last().click();
    await page.locator("#stage-approve").waitFor();
  });

  test("moves a stage by keyboard, the focus staying on it", async () => {
    await page.getByRole("button", { name: "Move Close the deal up" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("Stage moved.").waitFor();
    assert.deepEqual(await stages(), ["1. Start", "2. Close the deal", "3. Approve"]);
    assert.equal(await page.evaluate(() => document.activeElement.id), "up-close_the_deal");
    await page.getByRole("button", { name: "Move Close the deal down" }).press("Enter");
    await page.locator(".designer-stage h3").getByText("2. Approve").waitFor();
  });

  test("drags a stage to another place", async () => {
    const handle = page.locator("#stage-close_the_deal > .designer-head [data-handle]");
    // The page may still glide to what was moved before.
    let last;
    for (let at = NaN; at !== last; await page.waitForTimeout(100)) [last, at] = [at, await page.evaluate(() => scrollY)];
    const target = await page.locator("#stage-approve > .designer-head").boundingBox();
    const from = await handle.boundingBox();
    await page.mouse.move(from.x + 6, from.y + 6);
    await page.mouse.down();
    await page.mouse.move(from.x + 6, from.y - 20, { steps: 4 });
    await page.mouse.move(target.x + 30, target.y - 4, { steps: 12 });
    await page.mouse.up();
    await page.locator(".designer-stage h3").getByText("2. Close the deal").waitFor();
    await page.getByRole("button", { name: "Undo" }).last().click();
    await page.locator(".designer-stage h3").getByText("2. Approve").waitFor();
  });

  test("tries it on a record, nothing saved", async () => {
    const name = "Deal without a need";
    await api("data/v9.2/opportunities", { name });
    const { value } = await api(`data/v9.2/opportunities?$select=name,stepname&$filter=name eq '${name}'`);
    const [deal] = value;
    await page.getByRole("link", { name: "Try it" }).click();
    await page.getByLabel("Search opportunities").fill(deal.name);
    await page.getByRole("button", { name: "Search", exact: true }).click();
    await page.getByRole("link", { name: deal.name, exact: true }).first().click();
    await page.getByText("required steps are empty").waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.getByRole("link", { name: "As if they were filled" }).click();
    await page.getByRole("link", { name: "Next stage" }).click();
    await page.getByText("From the start").waitFor();
    await picture(page, "process-designer-trial");
    const after = await api(`data/v9.2/opportunities(${deal.opportunityid})?$select=stepname`);
    assert.equal(after.stepname, deal.stepname);
  });

  test("publishes it, and a changed one with the mapping of the records under way", async () => {
    await page.goto(flow);
    await page.getByRole("button", { name: "Publish" }).click();
    await dialog().getByText("It will be version 1.").waitFor();
    await dialog().getByRole("button", { name: "Publish" }).click();
    await page.getByText("Version 1 is in force.").waitFor();

    await page.goto("/process-designer/opportunitysalesprocess");
    await page.getByRole("button", { name: "Remove stage Develop" }).click();
    await page.getByText("Stage removed.").waitFor();
    await page.getByRole("button", { name: "Publish" }).click();
    await dialog().getByText("It will be version 2.").waitFor();
    await dialog().getByRole("row", { name: /Develop \(version 1\)/ }).getByRole("combobox").selectOption({ label: "Qualify (proposed)" });
    await picture(page, "process-designer-publishing");
    assert.deepEqual(await axeFindings(page), []);
    await dialog().getByRole("button", { name: "Publish" }).click();
    await page.getByText(/Version 2 is in force\. \d+ records? moved\./).waitFor();
    await page.getByText("Version 1", { exact: true }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
  });

  test("is usable on a phone and in the dark", async () => {
    const phone = await openPage(browser, server, { width: 360, height: 780, dark: true });
    for (const [address, name] of [["/process-designer", "designer-list-phone"], [flow, "designer-phone"], [`${flow}/trial`, "designer-trial-phone"]]) {
      await phone.goto(address);
      assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth <= 360), true, `${address} is not wider than the phone`);
      assert.deepEqual(await axeFindings(phone), [], address);
      await picture(phone, name);
    }
    assert.deepEqual(phone.faults, []);
    await phone.context().close();
  });
});
