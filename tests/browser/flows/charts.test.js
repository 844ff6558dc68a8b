// The chart beside a list: shown, chosen, narrowed by, and followed by keyboard, on wide and narrow windows.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EMAIL, around, axeFindings, openPage, picture } from "../harness.js";

describe("a chart beside a list", () => {
  let server, browser, page;

  around({ leads: 140 }, (started) => ({ server, browser, page } = started));

  const pane = (on = page) => on.getByRole("complementary", { name: "Chart" });
  const bars = (on = page) => pane(on).getByRole("link", { name: /: [\d,]+ leads?$/ });
  const commands = (on = page) => on.getByRole("toolbar", { name: "Commands" });
  const parameter = (name, on = page) => new URL(on.url()).searchParams.get(name);
  const fits = (on) => on.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
  const counted = async (on = page) => {
    const names = await bars(on).evaluateAll((links) => links.map((link) => link.querySelector(".visually-hidden").textContent));
    return names.map((name) => Number(name.match(/: ([\d,]+) /)[1].replace(",", ""))).reduce((one, other) => one + other, 0);
  };

  test("is shown, grouped by another column, and put away", async () => {
    await page.goto("/leads?view=all");
    await commands().getByRole("link", { name: "Chart", exact: true }).click();
    await bars().first().waitFor();
    assert.equal(parameter("chart"), "statuscode");
    await pane().getByLabel("Group by").focus();
    await pane().getByLabel("Group by").selectOption({ label: "Lead source" });
    await page.waitForURL(/chart=leadsourcecode/);
    await bars().nth(3).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.id), "chart-by-chart", "the focus stays where one chose");
    await page.locator(".grid-foot", { hasText: /of \d+/ }).waitFor();
    const all = Number((await page.locator(".grid-foot").innerText()).match(/of ([\d,]+)/)[1]);
    assert.equal(await counted(), all, "every row stands in a bar");
    const [rows, beside] = [await page.locator(".grid-scroll").boundingBox(), await pane().boundingBox()];
    assert.ok(beside.x >= rows.x + rows.width - 1 && Math.abs(beside.width - 340) < 3, "beside the rows");
    assert.ok(beside.y + beside.height <= 901 && rows.y + rows.height <= 901, "rows and chart scroll by themselves");
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "chart");
    await page.locator("th[data-column=fullname] a").first().click();
    await page.waitForURL(/sort=fullname/);
    assert.equal(parameter("chart"), "leadsourcecode", "sorting keeps it");
    await bars().first().waitFor();
    await commands().getByRole("link", { name: "Chart", exact: true }).click();
    await pane().waitFor({ state: "detached" });
    await commands().getByRole("link", { name: "Chart", exact: true }).click();
    await bars().first().waitFor();
    assert.equal(parameter("chart"), "leadsourcecode", "it comes back as it was");
  });

  test("narrows the list by keyboard, and the chip widens it again", async () => {
    await page.goto("/leads?view=all&chart=leadsourcecode");
    const bar = bars().nth(1);
    await bar.waitFor();
    const [, label, count] = (await bar.locator(".visually-hidden").textContent()).match(/^(.*): (\d+) leads?$/);
    await pane().getByLabel("Show").focus();
    for (let step = 0; step < 3; step++) await page.keyboard.press("Tab");
    assert.equal(await bar.evaluate((link) => link === document.activeElement), true);
    await page.keyboard.press("Enter");
    const chip = page.locator(".filter-chip", { hasText: `Lead source is ${label}` });
    await chip.waitFor();
    await bars().first().waitFor();
    assert.equal(await bars().count(), 1);
    assert.equal(await page.locator("[data-row]").count(), Math.min(Number(count), 50));
    await chip.getByRole("link", { name: /^Remove filter/ }).click();
    await bars().nth(1).waitFor();
    assert.equal(parameter("f"), null);
  });

  test("adds up amounts, by months too", async () => {
    await page.goto("/opportunities?view=all&chart=createdon:month");
    await pane().getByLabel("Show").selectOption({ label: "Sum of Est. revenue" });
    await page.waitForURL(/measure=estimatedvalue/);
    const link = pane().getByRole("link", { name: /: \D*[\d,]+$/ }).first();
    await link.waitFor();
    await link.click();
    await page.locator(".filter-chip", { hasText: "All of" }).waitFor();
    await page.locator("[data-row]").first().waitFor();
    await pane().getByRole("link", { name: /: \D*[\d,]+$/ }).first().waitFor();
    assert.deepEqual(await axeFindings(page), []);
  });

  test("follows what others change", async () => {
    await page.goto("/leads?view=all&chart=leadsourcecode");
    await bars().first().waitFor();
    const before = await counted();
    const token = server.run("token", "create", "--user", EMAIL, "--name", "charts", "--days", "1").trim();
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const body = JSON.stringify({ subject: "One more", lastname: "Berg", leadsourcecode: 8 });
    assert.ok((await fetch(`${server.address}/api/data/v9.2/leads`, { method: "POST", headers, body })).ok);
    for (let tries = 0; (await counted()) !== before + 1; tries++) {
      assert.ok(tries < 60, "the bars follow");
      await page.waitForTimeout(250);
    }
  });

  test("stands above the rows on a phone", async () => {
    const phone = await openPage(browser, server, { width: 360, height: 740 });
    await phone.goto("/leads?view=all&chart=leadsourcecode");
    await bars(phone).first().waitFor();
    const [chart, row] = [await pane(phone).boundingBox(), await phone.locator("[data-row]").first().boundingBox()];
    assert.ok(chart.y + chart.height <= row.y, "above the rows");
    assert.ok(await fits(phone), "nothing sticks out");
    assert.deepEqual(await axeFindings(phone), []);
    await picture(phone, "chart-360");
    await commands(phone).getByRole("button", { name: "More commands" }).click();
    await commands(phone).getByRole("link", { name: "Chart", exact: true }).click();
    await pane(phone).waitFor({ state: "detached" });
    assert.deepEqual(phone.faults.splice(0), []);
    await phone.context().close();
  });

  test("is legible in the dark and on a window of middle width", async () => {
    const dark = await openPage(browser, server, { dark: true, width: 900, height: 800 });
    await dark.goto("/opportunities?view=all&chart=ownerid&group=opportunityratingcode");
    await pane(dark).locator(".chart-bar").first().waitFor();
    await dark.locator(".group-head").first().waitFor();
    assert.ok(await fits(dark));
    assert.deepEqual(await axeFindings(dark), []);
    await picture(dark, "chart-dark");
    await dark.context().close();
  });
});
