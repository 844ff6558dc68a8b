// The bell: what others do is told as it happens, read beneath the bell and on a page, and leads there.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EMAIL, around, axeFindings, openPage, picture } from "../harness.js";

describe("notifications", () => {
  let server, browser, page, me, other, leads;

  around({ leads: 30 }, (started) => ({ server, browser, page } = started));

  /** The Web API in the name of the person with this address. */
  const speakFor = (address) => {
    const token = server.run("token", "create", "--user", address, "--name", "tests", "--days", "1").trim();
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return async (method, path, body) => {
      const answer = await fetch(`${server.address}/api/data/v9.2/${path}`, { method, headers, body: body && JSON.stringify(body) });
      const text = await answer.text();
      assert.ok(answer.ok, `${path}: ${answer.status} ${text}`);
      return text ? JSON.parse(text) : undefined;
    };
  };
  const meet = async () => {
    if (other) return;
    const api = speakFor(EMAIL);
    const { value: people } = await api("GET", "systemusers?$select=fullname,internalemailaddress");
    const colleague = people.find((person) => person.internalemailaddress !== EMAIL);
    me = people.find((person) => person.internalemailaddress === EMAIL);
    ({ value: leads } = await api("GET", "leads?$select=fullname&$filter=statecode eq 0&$top=10"));
    other = { name: colleague.fullname, api: speakFor(colleague.internalemailaddress) };
  };
  const mention = (lead, words) =>
    other.api("POST", "posts", { text: `@[8,${me.systemuserid},"${me.fullname}"] ${words}`, "regardingobjectid_lead@odata.bind": `/leads(${lead.leadid})` });
  const give = (lead) =>
    other.api("POST", "tasks", { subject: `Call ${lead.fullname}`, "ownerid@odata.bind": `/systemusers(${me.systemuserid})`, "regardingobjectid_lead_task@odata.bind": `/leads(${lead.leadid})` });
  const bell = (on = page) => on.getByRole("button", { name: /^Notifications/ });
  const panel = (on = page) => on.locator("#bell-panel");
  const unread = (count, on = page) => on.waitForFunction((text) => (document.querySelector("#bell-count .bell-count")?.textContent ?? "0") === text, String(count));

  test("a mention rings the bell on the page one is at, takes no focus, and leads to the record", async () => {
    await meet();
    await page.goto("/leads");
    await page.locator("[data-grid-filter]").focus();
    await mention(leads[0], "can you call them today?");
    await page.locator("#toasts").getByText(`${other.name} mentioned you: ${leads[0].fullname}`).waitFor();
    await unread(1);
    assert.ok(await page.evaluate(() => document.activeElement.matches("[data-grid-filter]")), "the focus stays");
    await bell().click();
    await panel().getByRole("heading", { name: "Today" }).waitFor();
    await panel().getByText("can you call them today?").waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "notifications");
    await panel().getByRole("link", { name: `${other.name} mentioned you` }).click();
    await page.waitForURL(new RegExp(leads[0].leadid));
    await unread(0);
  });

  test("what comes while the list is open stands in it, and the keyboard reads and marks it", async () => {
    await page.goto("/leads");
    await page.locator("main h1, main h2").first().waitFor();
    await page.keyboard.press("b");
    await panel().getByRole("heading", { name: "Notifications" }).waitFor();
    await give(leads[1]);
    const line = panel().locator(".notification.is-unread", { hasText: `Call ${leads[1].fullname}` });
    await line.waitFor();
    await unread(1);
    await line.getByRole("button", { name: /^Mark as read/ }).press("Enter");
    await unread(0);
    assert.ok(await panel().evaluate((element) => element.contains(document.activeElement)), "one goes on where one was");
    await page.keyboard.press("Escape");
    await panel().waitFor({ state: "hidden" });
    assert.ok(await page.evaluate(() => document.activeElement.id === "bell"));
  });

  test("several are marked at once; the page lists all of them by days, also on a phone in the dark", async () => {
    await page.goto("/leads");
    for (const lead of leads.slice(2, 5)) await give(lead);
    await unread(3);
    await bell().click();
    await panel().getByRole("button", { name: "Mark all read" }).click();
    await unread(0);
    await panel().getByRole("link", { name: "All notifications" }).click();
    await page.getByRole("heading", { name: "Notifications", exact: true }).waitFor();
    await page.getByRole("link", { name: "Unread", exact: true }).click();
    await page.getByText("You have read everything").waitFor();
    assert.deepEqual(await axeFindings(page), []);

    const phone = await openPage(browser, server, { width: 360, height: 740, dark: true });
    await phone.goto("/notifications");
    await phone.getByRole("heading", { name: "Today" }).waitFor();
    assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth), 360);
    assert.deepEqual(await axeFindings(phone), []);
    await picture(phone, "notifications-narrow");
    await bell(phone).click();
    await phone.locator("#bell-panel .notification").first().waitFor();
    assert.deepEqual(await axeFindings(phone), []);
    await picture(phone, "notifications-panel-narrow");
    assert.deepEqual(phone.faults, []);
    await phone.context().close();
  });

  test("kinds that somebody does not want are silent", async () => {
    await page.goto("/settings/profile");
    const card = page.locator("#notifications");
    await card.getByLabel("Records assigned to me").uncheck();
    await card.getByRole("button", { name: "Save notifications" }).click();
    await page.getByText("Settings saved.").waitFor();
    assert.equal(await card.getByLabel("Records assigned to me").isChecked(), false);
    await give(leads[6]);
    await mention(leads[7], "and this one?");
    await unread(1);
    await bell().click();
    await panel().getByText("and this one?").waitFor();
    assert.equal(await panel().getByText(`Call ${leads[6].fullname}`).count(), 0);
  });
});
