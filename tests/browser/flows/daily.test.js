// What a seller does many times a day, by hand, beyond the straight way from lead to deal.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { around, axeFindings, picture } from "../harness.js";

describe("a seller's day", () => {
  let server, page;

  around({ leads: 60 }, (started) => ({ server, page } = started));

  const command = (name) => page.getByRole("toolbar", { name: "Commands" }).getByRole("button", { name, exact: true });
  const dialog = () => page.getByRole("dialog");
  const toast = (text) => page.locator("[data-toast]").filter({ hasText: text });
  const chips = (scope, name) => scope.locator(`.field:has([name="${name}"]) .item`);
  const field = (scope, name) => scope.locator(`.field:has([name="${name}"])`);

  /** Types into a lookup and takes the first match as soon as it is there. */
  async function look(scope, label, text, wanted) {
    const box = scope.getByRole("combobox", { name: label, exact: true });
    await box.click();
    await box.pressSequentially(text);
    await page.getByRole("option", { name: wanted }).first().click();
  }

  async function openFirst(list) {
    await page.goto(list);
    const href = await page.locator("tbody a[data-row-link]").first().getAttribute("href");
    await page.goto(href);
    return href;
  }

  async function newLead(topic) {
    await page.goto("/leads/new");
    await page.getByLabel("Topic").fill(topic);
    await page.getByLabel("First name").fill("Lena");
    await page.getByLabel("Last name").fill(topic.split(" ")[0]);
    await page.getByLabel("Company name").fill(`${topic} Ltd`);
    await command("Save").click();
    await page.waitForURL(/\/leads\/[0-9a-f-]{36}/);
    return new URL(page.url()).pathname;
  }

  test("gives selected leads to a colleague and takes it back", async () => {
    await page.goto("/leads?view=open");
    const owner = () => page.locator("tbody tr").first().locator("[data-label=Owner]").innerText();
    const before = await owner();
    const boxes = page.locator("[data-select-row]");
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    await page.getByRole("toolbar", { name: "Selected rows" }).getByRole("button", { name: "Assign" }).click();
    await dialog().waitFor();
    await look(dialog(), "Assign to", "System", /System Administrator/);
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "assign");
    await dialog().getByRole("button", { name: "Assign", exact: true }).click();
    await toast("2 leads assigned to System Administrator.").getByRole("button", { name: "Undo" }).click();
    await toast("Undone.").waitFor();
    assert.equal(await owner(), before);
  });

  test("disqualifies, and takes that back", async () => {
    await newLead("Gripper trial");
    await command("Disqualify").click();
    await dialog().getByRole("button", { name: "Cannot Contact" }).click();
    await toast("Lead disqualified.").getByRole("button", { name: "Undo" }).click();
    await toast("Undone.").waitFor();
    await command("Qualify").waitFor();
  });

  test("undoes a qualification on the lead itself, and reactivating says what stays", async () => {
    const lead = await newLead("Welding cell");
    await command("Qualify").click();
    await dialog().getByRole("button", { name: "Qualify", exact: true }).click();
    await page.waitForURL(/\/opportunities\//);
    await toast("Lead qualified. It became: account “Welding cell Ltd”, contact “Lena Welding”, opportunity “Welding cell”.").waitFor();
    const events = page.locator("#timeline-list");
    await events.getByRole("link", { name: "Account “Welding cell Ltd”" }).waitFor();
    await events.getByRole("link", { name: "Lead “Lena Welding”" }).waitFor();
    await page.goto(lead);
    await command("Reactivate").click();
    await dialog().getByText(/opportunity “Welding cell”.* stay as they are/).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "reactivate");
    await dialog().getByRole("button", { name: "Cancel" }).click();
    page.once("dialog", (question) => question.accept());
    await command("Undo qualification").click();
    await toast("Undone.").waitFor();
    await command("Qualify").waitFor();
  });

  test("warns of a second opportunity with the same topic, and asks for another account only when it is wanted", async () => {
    await newLead("Palletiser line");
    await command("Qualify").click();
    await dialog().waitFor();
    const other = field(dialog(), "account_other");
    assert.equal(await other.isVisible(), false);
    await dialog().locator("[name=account]").selectOption("other");
    await other.waitFor();
    await dialog().locator("[name=account]").selectOption("create");
    await dialog().getByRole("button", { name: "Add opportunity" }).click();
    await dialog().getByRole("heading", { name: "Opportunity 2" }).waitFor();
    await dialog().getByRole("button", { name: "Qualify", exact: true }).click();
    await dialog().getByText("Is the same as that of another one here").last().waitFor();
    await dialog().getByRole("button", { name: "Qualify", exact: true }).click();
    await page.waitForURL(/\/opportunities\//);
  });

  test("plans a call with the people on it, from the record it is about", async () => {
    await openFirst("/contacts?view=all");
    const name = await page.getByRole("heading", { level: 1 }).innerText();
    await page.getByRole("group", { name: "Add to the timeline" }).getByRole("button", { name: "Phone Call" }).click();
    const composer = page.locator("form[data-composer]");
    await composer.waitFor();
    await chips(composer, "with").getByText(name).waitFor();
    await composer.getByLabel("Subject").fill("Delivery date");
    await composer.getByLabel("When", { exact: true }).selectOption("later");
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "call");
    await composer.getByRole("button", { name: "Save call" }).click();
    await page.locator(".timeline").getByRole("link", { name: "Delivery date" }).click();
    await page.getByRole("heading", { name: "Delivery date" }).waitFor();
    await chips(page, "to").getByText(name).waitFor();
    await chips(page, "from").getByText("System Administrator").waitFor();
    await command("Mark complete").click();
    await toast("Phone Call marked complete.").waitFor();
    await page.locator(".cell-several").getByRole("link", { name }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
  });

  test("writes an e-mail to somebody known and to an address nobody knows", async () => {
    await page.goto("/emails/new");
    await page.getByLabel("Subject").fill("Offer");
    const to = page.getByRole("combobox", { name: /^To/ });
    await to.click();
    await page.getByRole("option").first().click();
    await to.pressSequentially("somebody@elsewhere.example");
    await page.getByRole("option", { name: /somebody@elsewhere.example/ }).click();
    const cc = page.getByRole("combobox", { name: "Cc", exact: true });
    await cc.click();
    await cc.pressSequentially("typed-to-the-end@elsewhere.example");
    await page.getByLabel("Subject").click();
    await command("Save").click();
    await page.waitForURL(/\/emails\/[0-9a-f-]{36}/);
    await chips(page, "to").nth(1).waitFor();
    await chips(page, "cc").getByText("typed-to-the-end@elsewhere.example").waitFor();
    await field(page, "to").getByRole("button", { name: /Remove somebody@/ }).click();
    await command("Save").click();
    await page.getByText("Saved.", { exact: true }).waitFor();
    assert.equal(await chips(page, "to").count(), 1);
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "email");
  });

  test("keeps a file with a note and gets it back", async () => {
    await openFirst("/leads?view=open");
    const file = path.join(server.folder, "offer.txt");
    writeFileSync(file, "Twelve robots");
    await page.getByRole("group", { name: "Add to the timeline" }).getByRole("button", { name: "Note" }).click();
    const composer = page.locator("form[data-composer]");
    await composer.getByText("Up to 32 MB in all.").waitFor();
    await composer.getByLabel("Files").setInputFiles(file);
    await composer.getByLabel("Title").fill("Our offer");
    await composer.getByRole("textbox", { name: "Note", exact: true }).fill(Array.from({ length: 20 }, (_, line) => `Line ${line}`).join("\n"));
    await picture(page, "note");
    await composer.getByRole("button", { name: "Add note" }).click();
    await toast("Note added.").waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: /offer.txt/ }).click()]);
    assert.equal(readFileSync(await download.path(), "utf8"), "Twelve robots");
    const more = page.getByRole("button", { name: "Show more" }).first();
    await more.click();
    await page.getByRole("button", { name: "Show less" }).click();
    assert.deepEqual(await axeFindings(page), []);
  });

  test("names the competitors of a deal without losing what is typed", async () => {
    await page.goto("/competitors/new");
    await page.getByLabel("Name").fill("Rival Robotics");
    await command("Save").click();
    await page.waitForURL(/\/competitors\/[0-9a-f-]{36}/);
    await openFirst("/opportunities?view=open");
    await page.getByLabel("Topic").fill("Typed and not saved");
    const list = page.locator(".subgrid", { hasText: "Competitors" });
    await list.scrollIntoViewIfNeeded();
    await list.getByRole("button", { name: "Add existing competitor" }).click();
    await look(dialog(), "Competitor", "Rival", /Rival Robotics/);
    await dialog().getByRole("button", { name: "Add", exact: true }).click();
    await list.getByRole("link", { name: "Rival Robotics" }).waitFor();
    await toast("added to competitors").waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await list.scrollIntoViewIfNeeded();
    await picture(page, "competitors-of-a-deal");
    await list.getByRole("button", { name: "Remove Rival Robotics" }).click();
    await toast("removed from competitors").waitFor();
    await list.getByText("No competitors yet.").waitFor();
    assert.equal(await page.getByLabel("Topic").inputValue(), "Typed and not saved");
  });

  test("keeps a filtered list as a view of their own, changes, renames and deletes it", async () => {
    await page.goto("/leads?view=all");
    await page.getByRole("button", { name: "Add filter" }).click();
    // The searchable list, not the plain one that it takes the place of.
    const column = page.locator(".filter-editor .ts-wrapper").getByRole("combobox", { name: "Column" });
    await column.click();
    await column.pressSequentially("topic");
    await page.getByRole("option", { name: "Topic", exact: true }).click();
    await page.locator(".filter-editor").getByLabel("Text").fill("robot");
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "filter");
    await page.locator(".filter-editor").getByRole("button", { name: "Apply filter" }).click();
    await page.locator(".filter-chip", { hasText: "Topic contains “robot”" }).waitFor();

    await page.locator(".filter-keep").getByRole("button", { name: "Save as my view" }).click();
    await dialog().getByLabel("Name").fill("Robots");
    await dialog().getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "Leads: Robots" }).waitFor();
    await page.locator(".filter-chip", { hasText: "Topic contains “robot”" }).waitFor();

    // The chip opens the filter with its values.
    await page.locator(".filter-chip button").first().click();
    const text = page.locator(".filter-chip .filter-editor").getByLabel("Text");
    assert.equal(await text.inputValue(), "robot");
    await text.fill("cell");
    await page.locator(".filter-chip .filter-editor").getByRole("button", { name: "Change filter" }).click();
    await page.locator(".filter-chip", { hasText: "Topic contains “cell”" }).waitFor();
    assert.equal(await page.locator(".filter-chip").count(), 1);
    await page.getByRole("button", { name: "Save changes" }).click();
    await toast("View saved.").waitFor();

    await page.goto("/leads");
    await page.locator(".view-switcher button").click();
    await page.getByText("My views").waitFor();
    await picture(page, "my-views");
    assert.deepEqual(await axeFindings(page), []);
    await page.getByRole("link", { name: "Robots" }).click();
    await page.locator(".filter-chip", { hasText: "Topic contains “cell”" }).waitFor();

    const more = page.getByRole("toolbar", { name: "Commands" }).getByRole("button", { name: "More commands" });
    await more.click();
    await page.getByRole("button", { name: "Rename this view" }).click();
    await dialog().getByLabel("Name").fill("Cells");
    await dialog().getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "Leads: Cells" }).waitFor();
    await more.click();
    await page.getByRole("button", { name: "Delete this view" }).click();
    await dialog().getByRole("button", { name: "Delete" }).click();
    await toast("View deleted.").waitFor();
  });

  test("filters a list without the mouse, the focus on the first field", async () => {
    const focused = () => page.evaluate(() => document.activeElement.closest(".field")?.querySelector("select, input:not([role])")?.name);
    await page.goto("/leads?view=all");
    const add = page.getByRole("button", { name: "Add filter" });
    await add.press("Enter");
    await page.locator("[data-filter-editor] .ts-wrapper.focus").waitFor();
    assert.equal(await focused(), "filter_column");
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), "Add filter");
    await page.keyboard.press("Enter");
    await page.locator("[data-filter-editor] .ts-wrapper.focus").waitFor();
    await page.keyboard.type("topic");
    await page.getByRole("option", { name: "Topic", exact: true }).first().waitFor();
    const drawn = page.waitForResponse(/\/leads\/filter/);
    await page.keyboard.press("Enter");
    await drawn;
    await page.getByLabel("Text").waitFor();
    assert.equal(await focused(), "filter_column", "it stays where one was");
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "filter_operator");
    const changed = page.waitForResponse(/\/leads\/filter/);
    await page.keyboard.press("ArrowDown");
    await changed;
    await page.waitForFunction(() => document.activeElement.name === "filter_operator");
    const comparison = await page.getByLabel("Condition").inputValue();
    assert.notEqual(comparison, "contains");
    await page.keyboard.press("Tab");
    await page.keyboard.type("robot");
    await page.keyboard.press("Enter");
    await page.waitForURL(new RegExp(`f=subject(:|%3A)${comparison}`));
  });

  test("puts one change back from the history, and brings a deleted lead back", async () => {
    const lead = await newLead("Regretted change");
    await page.getByLabel("Topic").fill("Changed by mistake");
    await command("Save").click();
    await page.getByText("Saved.", { exact: true }).waitFor();
    await page.goto(`${lead}/history`);
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "history-put-back");
    await page.getByRole("button", { name: "Put back" }).first().click();
    await toast("The former values are back.").waitFor();
    await page.goto(lead);
    assert.equal(await page.getByLabel("Topic").inputValue(), "Regretted change");

    await command("More commands").click();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await dialog().getByRole("button", { name: "Delete", exact: true }).click();
    await page.waitForURL(/\/leads$/);
    await page.goto("/deleted");
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "deleted");
    assert.equal(await page.getByText("Activity Party").count(), 0, "a person taken off a call was no record");
    const row = page.getByRole("row").filter({ hasText: "Lena Regretted" });
    await row.getByRole("button", { name: "Bring back" }).click();
    await toast("Undone.").waitFor();
    assert.equal(await row.count(), 0, "it is not deleted any more");
    await page.goto(lead);
    assert.equal(await page.getByLabel("Topic").inputValue(), "Regretted change");
  });

  test("is told of a view that is not there", async () => {
    await page.goto("/leads?view=nope");
    await toast("There is no view “nope” of leads").waitFor();
    await page.getByRole("heading", { name: "Leads: My Open Leads" }).waitFor();
  });

  test("takes only the selected rows out as a file", async () => {
    await page.goto("/leads?view=all");
    await page.locator("[data-select-row]").nth(0).check();
    await page.locator("[data-select-row]").nth(2).check();
    await page.getByRole("button", { name: "More commands for the selection" }).click();
    await picture(page, "selection");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export to CSV" }).click()]);
    assert.equal(readFileSync(await download.path(), "utf8").trim().split("\r\n").length, 3);
  });

  test("finds by typing and Enter what was typed, also over a filled lookup", async () => {
    await page.goto("/accounts?view=all");
    const names = await page.locator("tbody a[data-row-link]").allInnerTexts();
    const [first, second] = [names[0], names.find((name) => name.slice(0, 4) !== names[0].slice(0, 4))];
    await page.goto("/opportunities/new");
    const box = page.getByRole("combobox", { name: "Account", exact: true });
    const chosen = chips(page, "parentaccountid");
    await box.click();
    await page.getByRole("option").first().waitFor();
    // Typed and confirmed faster than the answer comes.
    await box.pressSequentially(first);
    await box.press("Enter");
    await chosen.getByText(first).waitFor();
    await box.pressSequentially(second);
    await box.press("Enter");
    await chosen.getByText(second).waitFor();
    assert.equal(await chosen.count(), 1);
    // Leaving without a choice keeps it.
    await box.pressSequentially("zzzz");
    await page.getByLabel("Topic").click();
    assert.equal(await chosen.innerText(), second);
    await page.getByLabel("Topic").fill("");
  });

  test("stays on the tab when saving, and on the address when refused, with everything typed", async () => {
    page.on("dialog", (question) => question.accept());
    await openFirst("/leads?view=open");
    await page.getByRole("tab", { name: "Details" }).click();
    await page.getByLabel("Budget", { exact: true }).first().waitFor();
    await page.getByLabel("Description").fill("Changed on the second tab");
    await command("Save").click();
    await page.getByText("Saved.", { exact: true }).waitFor();
    await page.getByRole("tab", { name: "Details", selected: true }).waitFor();

    await page.goto("/leads/new");
    await page.getByLabel("Topic").fill("Half a lead");
    await command("Save").click();
    await page.locator("[aria-invalid=true]").first().waitFor();
    await page.getByText("Must be filled.").first().waitFor();
    assert.equal(new URL(page.url()).pathname, "/leads/new");
    await page.reload();
    await toast("What you had typed here is back").waitFor();
    assert.equal(await page.getByLabel("Topic").inputValue(), "Half a lead");
    await page.getByRole("button", { name: "Discard" }).click();
    await page.waitForFunction(() => document.querySelector("#field-subject")?.value === "");
    page.removeAllListeners("dialog");
  });

  test("chooses the reason a deal was lost, nothing is chosen for them", async () => {
    await openFirst("/opportunities?view=open");
    await command("Close as lost").click();
    assert.equal(await dialog().getByLabel("Status reason").inputValue(), "");
    await dialog().getByRole("button", { name: "Close as lost", exact: true }).click();
    await dialog().getByText("Choose how it ended.").waitFor();
    await dialog().getByLabel("Status reason").selectOption({ label: "Out-Sold" });
    await dialog().getByRole("button", { name: "Close as lost", exact: true }).click();
    await toast("Opportunity closed as lost.").getByRole("button", { name: "Undo" }).click();
    await toast("Undone.").waitFor();
    await command("Close as won").waitFor();
  });

  test("is shown the way back from an address that is not there", async () => {
    for (const address of ["/leads/not-a-guid", "/nothing/at/all/here"]) {
      const answer = await page.goto(address);
      assert.equal(answer.status(), 404);
      await page.getByRole("navigation", { name: "Main" }).waitFor();
      await page.getByRole("link", { name: "Go to the start page" }).waitFor();
    }
    page.faults.length = 0; // Chromium reports the 404 of the page itself
    const icon = await page.request.get("/favicon.ico");
    assert.equal(icon.status(), 200);
  });

  test("chooses time zone and language from a list by typing", async () => {
    await page.goto("/settings/profile");
    const zone = page.locator(".ts-wrapper").getByRole("combobox", { name: "Time zone" });
    await zone.click();
    await zone.pressSequentially("helsinki");
    await page.getByRole("option", { name: "Europe/Helsinki" }).click();
    assert.deepEqual(await axeFindings(page), []);
    await page.getByRole("button", { name: "Save" }).first().click();
    await toast("Settings saved.").waitFor();
    assert.equal(await page.locator("#field-timezone").inputValue(), "Europe/Helsinki");
  });
});
