// The form of a record: saved by itself, followed, looked back on, printed.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { around, axeFindings, openPage, picture } from "../harness.js";

describe("a form that saves by itself", () => {
  let server, browser, page;

  around({ leads: 30 }, (started) => ({ server, browser, page } = started));

  const openFirst = async (list = "/leads?view=open") => {
    await page.goto(list);
    await page.locator("tbody a").first().click();
    await page.locator("#record[data-live-record]").waitFor();
  };
  const state = () => page.locator("[data-save-state]");
  const halfAMinute = () => page.clock.fastForward(31_000);

  test("saves what was typed half a minute later, and takes it back at once", async () => {
    await page.clock.install();
    await openFirst();
    const topic = page.getByLabel("Topic");
    const before = await topic.inputValue();
    await topic.fill("Saved by itself");
    await page.getByText("Unsaved changes").waitFor();
    // Still in the field: it waits.
    await halfAMinute();
    assert.equal(await page.getByText("Unsaved changes").isVisible(), true);
    const title = page.getByLabel("Job title");
    await title.fill("Head of robots");
    await page.locator("#field-emailaddress1").focus();
    await halfAMinute();
    await state().getByText(/^Saved \d/).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "form-saved-by-itself");
    assert.equal(await page.locator(":focus").getAttribute("name"), "emailaddress1", "the focus stays");
    await state().getByRole("button", { name: "Undo" }).click();
    await page.getByText("Undone.").waitFor();
    assert.equal(await page.getByLabel("Topic").inputValue(), before);
    assert.notEqual(await page.getByLabel("Job title").inputValue(), "Head of robots");
  });

  test("says what is wrong beside the field, without moving, and saves once it is right", async () => {
    await openFirst();
    const name = page.getByLabel("Last name");
    const before = await name.inputValue();
    await name.fill("");
    await page.getByLabel("Job title").focus();
    await halfAMinute();
    await state().getByText(/Not saved: Last name/).waitFor();
    await page.locator("[data-field=lastname]").getByText("Must be filled.").waitFor();
    assert.equal(await page.locator(":focus").getAttribute("name"), "jobtitle");
    assert.equal(await name.getAttribute("aria-invalid"), "true");
    assert.deepEqual(await axeFindings(page), []);
    await name.fill(before === "Lind" ? "Berg" : "Lind");
    await page.getByLabel("Job title").focus();
    assert.equal(await name.getAttribute("aria-invalid"), null);
    await halfAMinute();
    await state().getByText(/^Saved \d/).waitFor();
  });

  test("takes back all it said once what was refused is right and saved by itself", async () => {
    await openFirst();
    const mail = page.getByLabel("E-mail", { exact: true });
    await mail.fill("not mail");
    await mail.press("Control+s");
    const summary = page.locator("[data-error-summary]");
    await summary.waitFor();
    const wrong = page.locator("[data-field=emailaddress1] .field-error");
    await wrong.waitFor();
    await mail.fill("right@example.com");
    await page.getByLabel("Job title").focus();
    await wrong.waitFor({ state: "detached" });
    assert.equal(await mail.getAttribute("aria-invalid"), null);
    await halfAMinute();
    await state().getByText(/^Saved \d/).waitFor();
    await summary.waitFor({ state: "detached" });
    assert.equal(await page.getByText("Unsaved changes").isVisible(), false);
    await page.reload();
    await page.locator("#record[data-live-record]").waitFor();
    assert.equal(await mail.inputValue(), "right@example.com");
    assert.equal(await page.getByText("What you had typed here is back").count(), 0);
  });

  test("saves on the way to another page, and asks nobody", async () => {
    await openFirst();
    const address = page.url();
    await page.getByLabel("Topic").fill("Saved on leaving");
    await page.getByRole("link", { name: "My day" }).or(page.getByRole("link", { name: "Home" })).first().click();
    await page.waitForURL(/\/home/);
    await page.goto(address);
    assert.equal(await page.getByLabel("Topic").inputValue(), "Saved on leaving");
    assert.equal(await page.getByText("What you had typed here is back").isVisible(), false);

    await page.getByLabel("Topic").fill("Saved on reloading");
    await page.reload();
    await page.waitForFunction(() => document.querySelector("#field-subject")?.value === "Saved on reloading");
  });

  test("never writes half a date", async () => {
    await openFirst("/opportunities?view=open");
    const date = page.getByLabel("Est. close date");
    const before = await date.inputValue();
    await date.focus();
    await date.press("Delete");
    assert.equal(await date.evaluate((input) => input.validity.badInput), true);
    await page.getByLabel("Topic").focus();
    await halfAMinute();
    assert.equal(await state().innerText(), "");
    assert.equal(await page.getByText("Unsaved changes").isVisible(), true);
    await date.fill(before);
  });
});

describe("a record's page", () => {
  let server, browser, page;

  around({ leads: 60 }, (started) => ({ server, browser, page } = started));

  const openFirst = async (on, list) => {
    await on.goto(list);
    await on.locator("tbody a").first().click();
    await on.locator("#record[data-live-record]").waitFor();
  };
  const dialog = () => page.getByRole("dialog").last();
  const list = (name) => page.locator(".subgrid", { has: page.getByRole("heading", { name, exact: true }) });

  test("is followed and let go by keyboard, and stands in what one follows", async () => {
    await openFirst(page, "/opportunities?view=open");
    const name = await page.locator("h1").innerText();
    await page.locator("#follow-record").focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: /^Following/ }).waitFor();
    assert.equal(await page.locator(":focus").getAttribute("id"), "follow-record");
    await page.goto("/follows");
    await page.getByRole("link", { name }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.getByRole("button", { name: `Unfollow ${name}` }).click();
    await page.getByText("You follow nothing yet").waitFor();
  });

  test("takes a stakeholder who is made on the way, gives them a part, removes and brings them back", async () => {
    await openFirst(page, "/opportunities?view=open");
    const stakeholders = list("Stakeholders");
    await stakeholders.scrollIntoViewIfNeeded();
    await stakeholders.getByRole("button", { name: "Add stakeholder" }).click();
    const who = dialog().getByRole("combobox").first();
    await who.fill("Greta Newmade");
    await page.getByRole("option", { name: "New contact" }).click();
    await dialog().getByLabel("Last name").waitFor();
    assert.equal(await page.locator("dialog[open]").count(), 2, "the list still wants the contact");
    await dialog().getByRole("button", { name: /^Save/ }).first().click();
    await page.locator(".ts-control").getByText("Greta Newmade").waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await dialog().getByRole("button", { name: "Add", exact: true }).click();
    await stakeholders.getByText("Greta Newmade").waitFor();
    await stakeholders.getByLabel("Part of Greta Newmade").selectOption({ label: "Champion" });
    await page.getByText("Part changed.").waitFor();
    await stakeholders.getByRole("button", { name: "Remove Greta Newmade" }).click();
    await stakeholders.getByText("Greta Newmade").waitFor({ state: "detached" });
    await page.locator("[data-toast]", { hasText: "removed from the stakeholders" }).getByRole("button", { name: "Undo" }).click();
    await list("Stakeholders").scrollIntoViewIfNeeded();
    await list("Stakeholders").getByText("Greta Newmade").waitFor();
    await picture(page, "form-stakeholders");
  });

  test("shows who was removed as gone where the list was drawn anew in that moment", async () => {
    await openFirst(page, "/opportunities?view=open");
    await list("Stakeholders").scrollIntoViewIfNeeded();
    const remover = list("Stakeholders").getByRole("button", { name: /^Remove / }).first();
    const name = (await remover.getAttribute("aria-label")).replace("Remove ", "");
    const part = list("Stakeholders").getByLabel(`Part of ${name}`);
    const people = /\/stakeholders/;
    // The list as it was before the removal arrives after the click, and before the answer to it.
    await page.route(people, async (route) => {
      const answer = await route.fetch();
      await new Promise((resolve) => setTimeout(resolve, route.request().method() === "GET" ? 600 : route.request().url().endsWith("/removal") ? 1200 : 0));
      await route.fulfill({ response: answer });
    });
    const [champion, influencer] = ["Champion", "Influencer"];
    const present = await part.evaluate((select) => select.selectedOptions[0].label);
    await part.selectOption({ label: present === champion ? influencer : champion });
    await page.getByText("Part changed.").waitFor();
    await list("Stakeholders").getByRole("button", { name: `Remove ${name}` }).click();
    await page.locator("[data-toast]", { hasText: "removed from the stakeholders" }).waitFor();
    await list("Stakeholders").getByText(name, { exact: true }).waitFor({ state: "detached" });
    await page.unrouteAll({ behavior: "ignoreErrors" });
  });

  test("works calculated fields out while one types", async () => {
    await openFirst(page, "/opportunities?view=open");
    const weighted = page.locator("[data-field=weightedvalue]");
    const before = await weighted.innerText();
    await page.getByLabel("Probability").fill(before.includes("0.00") ? "37" : "0");
    await page.waitForFunction((text) => document.querySelector("[data-field=weightedvalue]")?.innerText !== text, before);
  });

  test("shows the accounts around an account, level by level", async () => {
    await openFirst(page, "/accounts?view=active");
    await page.getByRole("tab", { name: "Hierarchy" }).click();
    await page.locator(".hierarchy-node.is-here").waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "form-hierarchy");
  });

  test("tells its history by field, and puts one field back", async () => {
    await openFirst(page, "/leads?view=open");
    const address = page.url();
    const title = page.getByLabel("Job title");
    const before = await title.inputValue();
    await title.fill("Head of everything");
    await page.getByLabel("Topic").fill("Another topic");
    await page.keyboard.press("Control+s");
    await page.getByText("Saved.", { exact: true }).waitFor();
    await page.goto(`${address}/history`);
    await page.getByLabel("Field").selectOption({ label: "Job title" });
    await page.getByRole("button", { name: "Show" }).click();
    await page.waitForURL(/column=jobtitle/);
    await page.goto(`${address}/history`);
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "form-history");
    await page.getByRole("button", { name: "Put back Job title" }).first().click();
    await page.getByText("Job title has its former value again.").waitFor();
    await page.goto(address);
    assert.equal(await page.getByLabel("Job title").inputValue(), before);
    assert.equal(await page.getByLabel("Topic").inputValue(), "Another topic");
  });

  test("is printed whole: all tabs with their lists, nothing to click", async () => {
    await openFirst(page, "/opportunities?view=open");
    await page.evaluate(() => {
      globalThis.printed = new Promise((done) => (globalThis.print = () => done(true)));
    });
    await page.getByRole("button", { name: "More commands" }).click();
    await page.getByRole("button", { name: "Print", exact: true }).click();
    assert.equal(await page.evaluate(() => globalThis.printed), true);
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.locator("[data-field=budgetstatus]").isVisible(), true, "a field of another tab");
    assert.equal(await page.locator(".app-sidebar").isVisible(), false);
    assert.equal(await page.locator(".command-bar").isVisible(), false);
    assert.equal(await page.locator(".form-side").first().isVisible(), false, "the timeline stays out");
    assert.equal(await page.locator(".subgrid .spinner-border").count(), 0, "all lists have come");
    await picture(page, "form-printed");
    await page.emulateMedia({ media: "screen" });
  });

  test("prints no help with filling it in as if it were a value", async () => {
    await openFirst(page, "/leads?view=open");
    const address = page.url();
    const empty = ["mobilephone", "revenue", "schedulefollowup_prospect", "parentaccountid", "purchaseprocess"];
    for (const name of empty) await clear(name);
    await page.keyboard.press("Control+s");
    await page.getByText("Saved.", { exact: true }).waitFor();
    await page.goto(address);
    await page.locator("#record[data-live-record]").waitFor();
    await page.waitForFunction(() => document.querySelector("[name=parentaccountid]").tomselect);
    await page.evaluate(() => {
      globalThis.printed = new Promise((done) => (globalThis.print = () => done(true)));
    });
    await page.getByRole("button", { name: "More commands" }).click();
    await page.getByRole("button", { name: "Print", exact: true }).click();
    await page.evaluate(() => globalThis.printed);
    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => globalThis.dispatchEvent(new Event("beforeprint")));
    for (const name of empty) {
      const control = page.locator(`[data-field="${name}"] .field-control`);
      assert.equal(await control.locator(":visible").count(), 0, `${name} is blank`);
    }
    assert.equal(await page.locator("[name=lastname]").isVisible(), true);
    assert.equal(await page.getByText(/Add the people|Type to search|^No .* yet\.$/).locator("visible=true").count(), 0);
    await picture(page, "form-printed-blank");
    await page.evaluate(() => globalThis.dispatchEvent(new Event("afterprint")));
    await page.emulateMedia({ media: "screen" });
    assert.equal(await page.locator("[name=mobilephone]").isVisible(), true, "on the screen all is as it was");

    async function clear(name) {
      await page.locator(`[name="${name}"]`).last().evaluate((control) => {
        if (control.tomselect) control.tomselect.clear();
        else control.value = "";
        for (const kind of ["input", "change"]) control.dispatchEvent(new Event(kind, { bubbles: true }));
      });
    }
  });

  test("fits a phone, in the dark, without faults", async () => {
    const phone = await openPage(browser, server, { width: 360, height: 740, dark: true });
    await openFirst(phone, "/opportunities?view=open");
    for (const name of ["Stakeholders", "Sales team", "Competitors"]) {
      await phone.getByRole("heading", { name, exact: true }).scrollIntoViewIfNeeded();
    }
    await phone.waitForFunction(() => !document.querySelector(".tab-pane.active .subgrid .spinner-border"));
    assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "nothing sticks out");
    assert.deepEqual(await axeFindings(phone), []);
    await picture(phone, "form-phone");
    await openFirst(phone, "/accounts?view=active");
    await phone.getByRole("tab", { name: "Hierarchy" }).click();
    await phone.locator(".hierarchy-node.is-here").waitFor();
    assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    assert.deepEqual(phone.faults, []);
    await phone.context().close();
  });
});
