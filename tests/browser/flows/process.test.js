// A lead and its deal go through the stages: with what is missing, back and forth, by keyboard, on a phone.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EMAIL, around, axeFindings, openPage, picture } from "../harness.js";

describe("a process flow", () => {
  let server, browser, page, api;

  around({ leads: 60 }, (started) => {
    ({ server, browser, page } = started);
    const token = server.run("token", "create", "--user", EMAIL, "--name", "tests", "--days", "1").trim();
    api = async (method, address, body) => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const response = await fetch(`${server.address}/api/${address}`, { method, headers, body: body && JSON.stringify(body) });
      assert.ok(response.ok, await response.clone().text());
      return method === "GET" ? response.json() : response;
    };
  });

  const stage = (on, name) => on.locator("[data-stages]").getByRole("button", { name: new RegExp(`^${name}`) });
  const panel = (on) => on.getByRole("region", { name: /^(Qualify|Develop|Propose|Close|Approval)$/ });
  const active = (on) => on.locator("[data-stages] [aria-current=step]");

  async function newLead(topic) {
    const made = await api("POST", "data/v9.2/leads", { subject: topic, firstname: "Paula", lastname: "Process", companyname: `${topic} Inc` });
    return made.headers.get("odata-entityid").match(/\(([0-9a-f-]+)\)/)[1];
  }

  async function require(flow, stageName, column) {
    const { document } = await part(flow);
    const step = document.stage.find((one) => one.name === stageName).step.find((one) => one.column === column);
    step.required = true;
    await api("PUT", `customization/process/${flow}`, document);
  }

  async function part(flow) {
    const answer = await api("GET", `customization/process/${flow}`);
    return { document: answer.document ?? answer };
  }

  test("names what is missing in a stage, and moves on once it is there", async () => {
    await require("leadtoopportunitysalesprocess", "qualify", "decisionmaker");
    const lead = await newLead("Gripper line");
    await page.goto(`/leads/${lead}`);
    assert.match(await active(page).innerText(), /Qualify/);
    await stage(page, "Qualify").click();
    await panel(page).getByText("Still needed before the next stage:").waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "process-flow");

    await panel(page).getByRole("button", { name: "Qualify", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Qualify", exact: true }).click();
    await dialog.getByText(/must be marked complete/).first().waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "detached" });

    await panel(page).getByRole("switch", { name: /Identify Decision Maker/ }).or(panel(page).getByRole("checkbox", { name: /Identify Decision Maker/ })).check();
    await panel(page).getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Saved.", { exact: true }).waitFor();
    await page.getByLabel("Commands", { exact: true }).getByRole("button", { name: "Qualify", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Qualify", exact: true }).click();
    await page.waitForURL(/\/opportunities\/[0-9a-f-]{36}/);
    assert.match(await active(page).innerText(), /Develop/);
  });

  test("keeps what was typed into a stage and stands in no other form, also over a reload", async () => {
    await api("PUT", "customization/column/lead/new_hall", { type: "text", label: "Hall", length: 50 });
    const { document } = await part("leadtoopportunitysalesprocess");
    document.stage.find((one) => one.name === "qualify").step.push({ column: "new_hall" });
    await api("PUT", "customization/process/leadtoopportunitysalesprocess", document);
    const other = await openPage(browser, server);
    await other.goto(`/leads/${await newLead("Hall line")}`);
    await stage(other, "Qualify").click();
    await panel(other).getByLabel("Hall").fill("North, gate 7");
    await other.waitForFunction(() => JSON.stringify({ ...sessionStorage }).includes("gate 7"));
    await other.reload();
    await stage(other, "Qualify").click();
    await panel(other).getByText("What you had typed here is back").waitFor();
    assert.equal(await panel(other).getByLabel("Hall").inputValue(), "North, gate 7");
    assert.deepEqual(await axeFindings(other), []);
    await picture(other, "process-stage-draft");
    await panel(other).getByRole("button", { name: "Discard" }).click();
    assert.equal(await panel(other).getByLabel("Hall").inputValue(), "");
    await panel(other).getByLabel("Hall").fill("South");
    await panel(other).getByRole("button", { name: "Save", exact: true }).click();
    await other.getByText("Saved.", { exact: true }).waitFor();
    assert.doesNotMatch(await other.evaluate(() => JSON.stringify({ ...sessionStorage })), /South/);
    await stage(other, "Qualify").click();
    assert.equal(await panel(other).getByLabel("Hall").inputValue(), "South");
    assert.deepEqual(other.faults, []);
    await other.context().close();
  });

  test("shows the lead's stage on the opportunity, and leads back to it", async () => {
    await stage(page, "Qualify").click();
    await panel(page).getByRole("link", { name: "Open the lead" }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.keyboard.press("Escape");
    await panel(page).waitFor({ state: "detached" });
    await stage(page, "Develop").click();
    await panel(page).getByRole("button", { name: "Back", exact: true }).click();
    await page.waitForURL(/\/leads\/[0-9a-f-]{36}/);
    await page.getByText("Moved to Qualify.").waitFor();
    await stage(page, "Qualify").click();
    await panel(page).getByRole("button", { name: "Next stage" }).click();
    await page.waitForURL(/\/opportunities\/[0-9a-f-]{36}/);
  });

  test("keeps the panel and the form alike, and saves both with the move", async () => {
    const deal = page.url();
    await page.locator("#field-customerneed").fill("A gripper that holds eggs");
    await stage(page, "Develop").click();
    const need = panel(page).getByLabel("Customer Need");
    await page.waitForFunction(() => document.getElementById("stage-customerneed")?.value === "A gripper that holds eggs");
    await need.fill("A gripper that holds raw eggs");
    assert.equal(await page.locator("#field-customerneed").inputValue(), "A gripper that holds raw eggs");
    await page.locator("#field-name").fill("Gripper line two");
    await panel(page).getByRole("button", { name: "Next stage" }).click();
    await page.getByText("Moved to Propose.").waitFor();
    assert.equal(page.url(), deal);
    assert.equal(await page.locator("#field-customerneed").inputValue(), "A gripper that holds raw eggs");
    assert.equal(await page.locator("#field-name").inputValue(), "Gripper line two");
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText(/^Undone/).waitFor();
    assert.match(await active(page).innerText(), /Develop/);
  });

  test("goes from stage to stage by keyboard", async () => {
    await stage(page, "Qualify").focus();
    await page.keyboard.press("End");
    assert.match(await page.evaluate(() => document.activeElement.innerText), /Close/);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Enter");
    await panel(page).getByRole("button", { name: "Set active" }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "stage-title");
    await page.keyboard.press("Escape");
    await panel(page).waitFor({ state: "detached" });
    assert.match(await page.evaluate(() => document.activeElement.innerText), /Propose/);
  });

  test("pins the stage beside the record until it is closed", async () => {
    await stage(page, "Develop").click();
    await panel(page).getByRole("button", { name: "Pin to the side" }).click();
    await page.reload();
    await panel(page).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "process-pinned");
    const [form, beside] = [await page.locator(".form-sections").first().boundingBox(), await panel(page).boundingBox()];
    assert.ok(form.x + form.width <= beside.x, "the record makes room");
    await panel(page).getByRole("button", { name: "Close stage" }).click();
    await page.reload();
    await stage(page, "Develop").waitFor();
    assert.equal(await panel(page).count(), 0);
  });

  test("switches, abandons and reactivates the flow", async () => {
    const flow = (name) => page.getByRole("button", { name: "Flow commands" }).click().then(() => page.locator(".process-commands .dropdown-menu").getByText(name).click());
    await flow("Switch flow");
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await dialog.getByRole("button", { name: "Switch", exact: true }).click();
    await page.getByText("Switched to Opportunity Sales Process.").waitFor();
    assert.match(await active(page).innerText(), /Qualify/);
    await flow("Abandon flow");
    await page.getByText("Flow abandoned.").waitFor();
    await page.getByRole("button", { name: "Reactivate flow" }).click();
    await page.getByText("Flow active again.").waitFor();
  });

  test("tells the time in each stage and who moves on", async () => {
    await page.goto("/process-flows");
    await page.getByRole("img", { name: /Entries of each stage/ }).waitFor();
    assert.ok((await page.getByRole("region", { name: /Stages of/ }).locator("tbody tr").count()) >= 4);
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "process-statistics");
    await page.getByRole("link", { name: "Last 365 days" }).click();
    await page.getByRole("img", { name: /Entries of each stage/ }).waitFor();
  });

  test("works at the width of a phone and in the dark", async () => {
    const phone = await openPage(browser, server, { width: 360, height: 760, dark: true });
    const lead = await newLead("Phone line");
    const { value: deals } = await api("GET", "data/v9.2/opportunities?$select=opportunityid&$filter=stepname eq '4-Close' and statecode eq 0&$top=1");
    await phone.goto(`/opportunities/${deals[0].opportunityid}`);
    // The row of stages begins at the active one.
    await active(phone).waitFor();
    await phone.waitForFunction(() => {
      const seen = document.querySelector("[data-stages] [aria-current=step]").getBoundingClientRect();
      return seen.left >= 0 && seen.right <= 361;
    });
    assert.ok(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing sticks out");
    await phone.goto(`/leads/${lead}`);
    await stage(phone, "Qualify").click();
    await panel(phone).waitFor();
    assert.deepEqual(await axeFindings(phone), []);
    await picture(phone, "process-phone");
    assert.ok(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing sticks out");
    await panel(phone).getByLabel("Capture Summary").fill("From the train");
    await panel(phone).getByRole("button", { name: "Save", exact: true }).click();
    await phone.getByText("Saved.", { exact: true }).waitFor();
    await phone.goto("/process-flows");
    await phone.getByRole("img", { name: /Entries of each stage/ }).waitFor();
    assert.deepEqual(await axeFindings(phone), []);
    await picture(phone, "process-statistics-phone");
    assert.deepEqual(phone.faults, []);
    await phone.context().close();
  });

  test("keeps an open stage as it is while others save the record", async () => {
    const lead = await newLead("Busy line");
    await page.goto(`/leads/${lead}`);
    await stage(page, "Qualify").click();
    await panel(page).getByLabel("Capture Summary").fill("Typed in the panel");
    // Nobody is in the bar any more.
    await page.locator("[name=jobtitle]").focus();
    await api("PATCH", `data/v9.2/leads(${lead})`, { lastname: "Renamed" });
    await page.getByRole("heading", { name: "Paula Renamed" }).waitFor();
    assert.equal(await panel(page).getByLabel("Capture Summary").inputValue(), "Typed in the panel");
    await panel(page).getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Saved.", { exact: true }).waitFor();
    const saved = await api("GET", `data/v9.2/leads(${lead})`);
    assert.deepEqual([saved.lastname, saved.description], ["Renamed", "Typed in the panel"]);
  });
});
