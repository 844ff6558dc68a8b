// The timeline of a record: added to, gone through and worked off without leaving the page.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { around, axeFindings, openPage, picture } from "../harness.js";

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

describe("on the timeline of a deal, a seller", () => {
  let server, browser, page, deal;

  around({ leads: 60 }, (started) => ({ server, browser, page } = started));

  const timeline = () => page.locator("#timeline");
  const composer = () => page.locator("form[data-composer]");
  const toast = (text) => page.locator("[data-toast]").filter({ hasText: text });
  const entry = (name) => page.locator(".timeline-item").filter({ hasText: name }).first();
  const toDo = () => page.locator(".timeline-block").filter({ has: page.getByRole("heading", { name: "To do" }) });

  async function add(kind) {
    await page.getByRole("group", { name: "Add to the timeline" }).getByRole("button", { name: kind, exact: true }).click();
    await composer().waitFor();
  }

  async function choose(name, action) {
    await entry(name).getByRole("button", { name: `More for ${name}` }).click();
    await entry(name).locator(".dropdown-menu").getByText(action, { exact: true }).click();
  }

  test("logs a call with its length and what follows, and keeps what was typed into the deal", async () => {
    await page.goto("/opportunities?view=open");
    await page.locator("tbody tr a").first().click();
    await page.waitForURL(/opportunities\/[0-9a-f-]{36}/);
    deal = new URL(page.url()).pathname;
    await page.getByLabel("Topic").fill("Typed and not saved");
    await add("Phone Call");
    assert.match(await composer().getByRole("link", { name: /^Call / }).first().getAttribute("href"), /^tel:\+?\d+$/);
    await composer().getByLabel("Subject").fill("Delivery date");
    await composer().getByRole("button", { name: "Start timer" }).click();
    await composer().getByRole("button", { name: "Stop timer" }).click();
    assert.equal(await composer().getByLabel("Duration (minutes)").inputValue(), "1");
    await composer().getByLabel("Outcome").selectOption({ label: "Reached" });
    await composer().getByLabel("Follow-up").selectOption("task");
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "timeline-call");
    await composer().getByRole("button", { name: "Save call" }).click();
    await composer().getByText("Say what is to be done").first().waitFor();
    await composer().getByLabel("What is to be done").fill("Send the offer");
    await composer().getByRole("button", { name: "Save call" }).click();
    await toast("Call saved, follow-up planned.").waitFor();
    await toDo().getByRole("link", { name: "Send the offer" }).waitFor();
    await entry("Delivery date").getByText("1 min").waitFor();
    assert.equal(await page.getByLabel("Topic").inputValue(), "Typed and not saved");
    await page.goto("about:blank");
    await page.goto(deal);
  });

  test("edits what is to be done in its place, completes it, and takes that back", async () => {
    await choose("Send the offer", "Edit");
    await composer().getByLabel("Subject").fill("Send the second offer");
    await composer().getByRole("button", { name: "Save" }).click();
    await toDo().getByRole("link", { name: "Send the second offer" }).waitFor();
    await entry("Send the second offer").getByRole("button", { name: "Mark complete" }).click();
    await toast("Task completed.").waitFor();
    await toDo().getByRole("link", { name: "Send the second offer" }).waitFor({ state: "detached" });
    await entry("Send the second offer").getByText("Completed").waitFor();
    await toast("Task completed.").getByRole("button", { name: "Undo" }).click();
    await toast("Undone.").waitFor();
    await toDo().getByRole("link", { name: "Send the second offer" }).waitFor();
  });

  test("gives it to a colleague", async () => {
    await choose("Send the second offer", "Assign");
    const dialog = page.getByRole("dialog");
    const to = dialog.getByRole("combobox", { name: "Assign to", exact: true });
    await to.click();
    await to.pressSequentially("James");
    await page.getByRole("option", { name: /James Doyle/ }).first().click();
    await dialog.getByRole("button", { name: "Assign", exact: true }).click();
    await toast("Task assigned to James Doyle.").waitFor();
    assert.equal(await dialog.count(), 0);
  });

  test("writes a note with a pasted picture, pins it and finds it by its text", async () => {
    await add("Note");
    const text = composer().getByRole("textbox", { name: "Note", exact: true });
    await page.waitForFunction(() => document.activeElement?.classList.contains("rich-text"));
    await page.keyboard.type("Hall 3 has ");
    await page.keyboard.press("Control+b");
    await page.keyboard.type("6.2 m");
    await page.keyboard.press("Control+b");
    await page.keyboard.type(" clear height");
    await text.evaluate((area, pixel) => {
      const bytes = Uint8Array.from(atob(pixel), (sign) => sign.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], "hall.png", { type: "image/png" }));
      area.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }, PIXEL);
    await composer().getByText("hall.png").waitFor();
    // Files chosen afterwards come beside it, in as many goes as it takes, and each can be taken out.
    const file = (name) => ({ name, mimeType: "text/plain", buffer: Buffer.from(name) });
    await composer().getByLabel("Files").setInputFiles([file("plan.txt"), file("wrong.txt")]);
    await composer().getByLabel("Files").setInputFiles(file("second.txt"));
    await composer().getByRole("textbox", { name: "Note", exact: true }).evaluate((area) => {
      const data = new DataTransfer();
      data.items.add(new File(["dropped"], "dropped.txt", { type: "text/plain" }));
      area.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    });
    await composer().getByRole("button", { name: "Remove wrong.txt" }).click();
    const attached = composer().locator("[data-attached] li");
    assert.deepEqual(await attached.allInnerTexts(), ["hall.png", "plan.txt", "second.txt", "dropped.txt"]);
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "timeline-files");
    await composer().getByLabel("Title").fill("Clearance");
    await composer().getByRole("button", { name: "Add note" }).click();
    await toast("Note added.").waitFor();
    await entry("Clearance").locator("strong", { hasText: "6.2 m" }).waitFor();
    await entry("Clearance").getByAltText("Picture: hall.png").waitFor();
    for (const name of ["plan.txt", "second.txt", "dropped.txt"]) await entry(name).waitFor();
    assert.equal(await entry("wrong.txt").count(), 0);
    await choose("Clearance", "Pin to the top");
    await page.getByRole("heading", { name: "Pinned" }).waitFor();
    await page.getByLabel("Search this timeline").fill("Clearance");
    await page.getByRole("heading", { name: "Pinned" }).waitFor({ state: "detached" });
    assert.equal(await page.locator(".timeline-item").count(), 1);
    await page.getByLabel("Search this timeline").fill("");
    await page.getByRole("heading", { name: "Pinned" }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
  });

  test("opens what was to be edited, also where the list is drawn anew in that moment", async () => {
    const list = /\/timeline(\?|$)/;
    for (const isLate of [true, false]) {
      await page.reload();
      await entry("Clearance").waitFor();
      // The list comes anew before the answer to the click, or after it.
      await page.route("**/*", async (route) => {
        const isList = list.test(route.request().url());
        const isEntry = route.request().method() === "GET" && /\/edit\?/.test(route.request().url());
        if (!isList && !isEntry) return route.continue();
        const answer = await route.fetch();
        await new Promise((resolve) => setTimeout(resolve, isList ? 700 : isLate ? 1_000 : 0));
        return route.fulfill({ response: answer });
      });
      await page.evaluate(() => document.querySelector("#timeline-list").dispatchEvent(new Event("live-changed")));
      await choose("Clearance", "Edit");
      await page.locator("#timeline-list form[data-composer]").waitFor();
      await page.waitForTimeout(1_200);
      assert.equal(await page.locator("#timeline-list form[data-composer]").count(), 1, "it stays open");
      await page.unrouteAll({ behavior: "ignoreErrors" });
    }
    await page.reload();
  });

  test("keeps a menu open that news comes upon, and what was done while news was on its way is shown", async () => {
    await page.reload();
    await entry("Clearance").waitFor();
    let arrive;
    await page.route(/\/timeline(\?|$)/, async (route) => {
      if (route.request().headers()["x-unasked"]) await new Promise((resolve) => (arrive = resolve));
      return route.continue();
    });
    const send = async () => {
      const sent = page.waitForRequest((request) => request.headers()["x-unasked"] !== undefined);
      await page.evaluate(() => document.querySelector("#timeline-list").dispatchEvent(new Event("live-changed")));
      await sent;
    };
    await send();
    await entry("Clearance").getByRole("button", { name: "More for Clearance" }).click();
    arrive();
    await page.getByRole("button", { name: "Something changed – show" }).waitFor();
    assert.equal(await entry("Clearance").locator(".dropdown-menu").getByText("Edit", { exact: true }).isVisible(), true);
    await send();
    await entry("Clearance").locator(".dropdown-menu").getByText("Unpin", { exact: true }).click();
    await page.getByRole("heading", { name: "Pinned" }).waitFor({ state: "detached" });
    arrive();
    await page.unrouteAll({ behavior: "wait" });
    await choose("Clearance", "Pin to the top");
    await page.getByRole("heading", { name: "Pinned" }).waitFor();
  });

  test("narrows it by kind with counts, and clears that", async () => {
    await timeline().getByText("Filter", { exact: true }).click();
    const calls = timeline().getByRole("checkbox", { name: /^Phone Calls \d+/ });
    await calls.check();
    await page.getByRole("heading", { name: "Pinned" }).waitFor({ state: "detached" });
    assert.equal(await page.locator(".timeline-item").filter({ hasNotText: "Phone Call:" }).count(), 0);
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "timeline-filter");
    await timeline().getByRole("button", { name: "Clear filter" }).click();
    await page.getByRole("heading", { name: "Pinned" }).waitFor();
    await timeline().getByRole("checkbox", { name: "System events" }).first().uncheck();
    await page.getByText("Opportunity created").waitFor({ state: "detached" });
    await page.reload();
    await page.getByRole("heading", { name: "Pinned" }).waitFor();
    assert.equal(await page.getByText("Opportunity created").count(), 0, "as it was left");
    await timeline().getByRole("checkbox", { name: "System events" }).check();
    await page.getByText("Opportunity created").waitFor();
  });

  test("posts with the name of a colleague, chosen by keyboard, and answers", async () => {
    await add("Post");
    const text = composer().getByLabel("Text");
    await text.pressSequentially("Ask @");
    await page.getByRole("listbox", { name: "Who or what you mean" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.keyboard.type("about hall 3");
    await composer().getByRole("button", { name: "Post", exact: true }).click();
    await page.locator(".timeline-mention").waitFor();
    await page.getByRole("button", { name: "Reply" }).first().click();
    await composer().getByLabel("Reply").fill("I know the hall.");
    await composer().getByRole("button", { name: "Reply" }).click();
    await toast("Reply added.").waitFor();
    await page.getByRole("list", { name: "Replies" }).getByText("I know the hall.").waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "timeline");
  });

  test("keeps a reply half written while something else is done on the timeline", async () => {
    await page.getByRole("button", { name: "Reply" }).first().click();
    await composer().getByLabel("Reply").fill("Half a thought");
    await choose("Delivery date", "Pin to the top");
    await page.getByRole("button", { name: "Something changed – show" }).waitFor();
    assert.equal(await composer().getByLabel("Reply").inputValue(), "Half a thought");
    await composer().getByRole("button", { name: "Reply" }).click();
    await page.getByRole("list", { name: "Replies" }).getByText("Half a thought").waitFor();
    await page.locator(".timeline-block").filter({ has: page.getByRole("heading", { name: "Pinned" }) }).getByText("Delivery date").first().waitFor();
    assert.equal(await page.getByRole("button", { name: "Something changed – show" }).count(), 0);
  });

  test("sees all long texts whole at one click, and cut again", async () => {
    await add("Post");
    await composer().getByLabel("Text").fill("A long story. ".repeat(60));
    await composer().getByRole("button", { name: "Post", exact: true }).click();
    const more = page.locator("[data-unclip]").first();
    await more.waitFor();
    assert.equal(await more.getAttribute("aria-expanded"), "false");
    const whole = page.getByRole("button", { name: "Whole texts" });
    await whole.click();
    assert.equal(await more.getAttribute("aria-expanded"), "true");
    assert.deepEqual(await axeFindings(page), []);
    await whole.click();
    assert.equal(await more.getAttribute("aria-expanded"), "false");
  });

  test("goes through it by keyboard: Escape leaves a form and the focus returns", async () => {
    const button = page.getByRole("group", { name: "Add to the timeline" }).getByRole("button", { name: "Task", exact: true });
    await button.focus();
    await page.keyboard.press("Enter");
    await composer().waitFor();
    await page.waitForFunction(() => document.activeElement?.id === "compose-subject");
    await page.keyboard.press("Escape");
    await composer().waitFor({ state: "detached" });
    assert.ok(await button.evaluate((element) => element === document.activeElement));
  });

  test("has all of it on a phone, in the dark", async () => {
    const phone = await openPage(browser, server, { width: 360, height: 740, dark: true });
    await phone.goto(deal);
    await phone.getByRole("heading", { name: "Timeline" }).scrollIntoViewIfNeeded();
    await phone.getByRole("group", { name: "Add to the timeline" }).getByRole("button", { name: "Appointment" }).click();
    await phone.locator("form[data-composer]").waitFor();
    const wide = await phone.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 360, `${wide} px wide`);
    assert.deepEqual(await axeFindings(phone), []);
    await picture(phone, "timeline-phone");
    assert.deepEqual(phone.faults, []);
    await phone.context().close();
  });
});
