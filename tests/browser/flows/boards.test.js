// A board: what a seller does with cards and lanes, by mouse, by keyboard and on a phone.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { around, axeFindings, openPage, picture } from "../harness.js";

const BOARD = "/opportunities/board?view=open&by=stage";

describe("a board", () => {
  let server, browser, page;

  around({ leads: 120 }, (started) => ({ server, browser, page } = started));

  const lane = (name, on = page) => on.locator(`[data-lane][data-label="${name}"]`);
  /** How many cards a lane has, once that is counted. */
  const count = async (name) => Number((await lane(name).locator(".board-count", { hasText: /\d/ }).innerText()).replace(/\D/g, ""));
  /** Names of the cards of a lane. */
  const cards = (name, on = page) => lane(name, on).locator("[data-card]").evaluateAll((list) => list.map((card) => card.dataset.name));
  /** Waits until cards can be dragged: the script for it comes last. */
  const ready = (on = page) => on.waitForFunction(() => Object.keys(document.querySelector("[data-cards]") ?? {}).some((name) => name.startsWith("Sortable")));
  const dragged = async (card, to, on = page) => {
    await ready(on);
    const [from, target] = [await card.locator("[data-card-link]").boundingBox(), await lane(to, on).locator("[data-cards]").boundingBox()];
    await on.mouse.move(from.x + 10, from.y + from.height / 2);
    await on.mouse.down();
    await on.mouse.move(from.x + 40, from.y + 20, { steps: 5 });
    await on.mouse.move(target.x + target.width / 2, target.y + 40, { steps: 15 });
    await on.mouse.move(target.x + target.width / 2, target.y + 44, { steps: 3 });
    await on.mouse.up();
  };

  /** Moves the mouse as a hand does, which slows down before it stops. */
  const rest = async (on, x, y) => {
    await on.mouse.move(x, y, { steps: 10 });
    for (const further of [1, 2]) {
      await on.waitForTimeout(50);
      await on.mouse.move(x, y + further);
    }
  };
  /** Whether a lane stands within the part of the board that is shown. */
  const isInSight = async (one, { x, width }) => {
    const own = await one.boundingBox();
    return own.x >= x && own.x + own.width <= x + width;
  };

  test("is one click from the list and has lanes with counts and sums", async () => {
    await page.goto("/opportunities?view=open");
    await page.getByRole("link", { name: "Board", exact: true }).click();
    await page.waitForURL(/\/opportunities\/board/);
    for (const name of ["Qualify", "Develop", "Propose", "Close", "Won", "Lost"]) {
      await page.getByRole("region", { name, exact: true }).waitFor();
    }
    assert.match(await lane("Develop").locator(".board-sum").innerText(), /\d/);
    assert.match(await lane("Develop").locator(".board-weighted").innerText(), /\d/);
    const cut = await page.locator(".board-fields dt").evaluateAll((labels) => labels.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent));
    assert.deepEqual(cut, [], "labels can be read whole");
    await picture(page, "board");
    assert.deepEqual(await axeFindings(page), []);
  });

  test("moves a card that is dragged, and takes the move back", async () => {
    await page.goto(BOARD);
    const [before, there] = [await count("Develop"), await count("Propose")];
    const card = lane("Develop").locator("[data-card]").first();
    const name = await card.getAttribute("data-name");
    await dragged(card, "Propose");
    await page.getByText(`“${name}” moved to Propose.`).waitFor();
    await page.waitForFunction(([label, wanted]) => document.querySelector(`[data-label="${label}"] .board-count`).textContent.replace(/\D/g, "") === wanted, ["Propose", String(there + 1)]);
    assert.equal(await count("Develop"), before - 1);
    assert.ok((await cards("Propose")).includes(name));
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText(/^Undone\./).waitFor();
    assert.equal(await count("Develop"), before);
    assert.ok((await cards("Develop")).includes(name));
  });

  test("scrolls by itself while a card is dragged to its edge, to lanes out of sight and back", async () => {
    const narrow = await openPage(browser, server, { width: 900, height: 700 });
    await narrow.goto(BOARD);
    await ready(narrow);
    const scroll = narrow.locator(".board-scroll");
    const edge = await scroll.boundingBox();
    for (const [from, to, x] of [["Qualify", "Close", edge.x + edge.width - 12], ["Close", "Qualify", edge.x + 12]]) {
      const card = lane(from, narrow).locator("[data-card]").first();
      const name = await card.getAttribute("data-name");
      assert.equal(await isInSight(lane(to, narrow), edge), false);
      const at = await card.locator("[data-card-link]").boundingBox();
      await narrow.mouse.move(at.x + 10, at.y + at.height / 2);
      await narrow.mouse.down();
      await rest(narrow, x, at.y + 60);
      // It goes on scrolling while the hand is still.
      await narrow.waitForFunction((to) => {
        const [own, all] = [`[data-lane][data-label="${to}"]`, ".board-scroll"].map((one) => document.querySelector(one).getBoundingClientRect());
        return own.left >= all.left && own.right <= all.right;
      }, to);
      await rest(narrow, edge.x + edge.width / 2, at.y + 60);
      const there = await lane(to, narrow).locator("[data-cards]").boundingBox();
      await rest(narrow, there.x + there.width / 2, there.y + 40);
      await narrow.mouse.up();
      await narrow.getByText(`“${name}” moved to ${to}.`).waitFor();
      assert.ok((await cards(to, narrow)).includes(name));
    }
    assert.deepEqual(narrow.faults, []);
    await narrow.context().close();
  });

  test("scrolls a lane while a card is dragged to its foot", async () => {
    await page.goto("/leads/board?view=all&by=statecode");
    await ready();
    const list = lane("Open").locator("[data-cards]");
    const [link, box] = [await list.locator("[data-card-link]").first().boundingBox(), await list.boundingBox()];
    await page.mouse.move(link.x + 10, link.y + link.height / 2);
    await page.mouse.down();
    await rest(page, box.x + 60, box.y + box.height - 12);
    await page.waitForFunction(() => document.querySelector('[data-label="Open"] [data-cards]').scrollTop > 400);
    await page.mouse.up();
    const stopped = await list.evaluate((element) => element.scrollTop);
    await page.waitForTimeout(200);
    assert.equal(await list.evaluate((element) => element.scrollTop), stopped, "it is let go of");
  });

  test("is scrolled by a finger that drags a card to its edge", async () => {
    const phone = await openPage(browser, server, { width: 360, height: 740, touch: true });
    await phone.goto(BOARD);
    await ready(phone);
    const card = lane("Qualify", phone).locator("[data-card]").first();
    const name = await card.getAttribute("data-name");
    const at = await card.locator(".board-card-head").boundingBox();
    const session = await phone.context().newCDPSession(phone);
    const touch = (type, ...points) => session.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y]) => ({ x, y })) });
    const from = [at.x + 40, at.y + at.height / 2];
    await touch("touchStart", from);
    await phone.waitForTimeout(300); // a short press takes it
    for (let step = 1; step <= 10; step += 1) await touch("touchMove", [from[0] + ((350 - from[0]) * step) / 10, from[1] + 6 * step]);
    await phone.waitForFunction(() => document.querySelector('[data-label="Propose"]').getBoundingClientRect().left < innerWidth / 2);
    await touch("touchMove", [200, from[1] + 60]);
    await lane("Propose", phone).locator(".is-ghost").waitFor();
    await touch("touchEnd");
    await phone.getByText(`“${name}” moved to Propose.`).waitFor();
    await phone.getByRole("button", { name: "Undo" }).click();
    await phone.getByText(/^Undone\./).waitFor();
    assert.deepEqual(phone.faults, []);
    await phone.context().close();
  });

  test("is worked by keyboard alone, and says what happens", async () => {
    await page.goto(BOARD);
    await page.locator("[data-cards]").first().waitFor();
    const link = lane("Develop").locator("[data-card-link]").first();
    const name = (await link.innerText()).trim();
    await link.focus();
    await page.keyboard.press("Space");
    await page.locator("#board-news", { hasText: "picked up in Develop" }).waitFor({ state: "attached" });
    await page.keyboard.press("ArrowRight");
    await page.locator("#board-news", { hasText: "Propose" }).waitFor({ state: "attached" });
    await page.keyboard.press("Escape");
    assert.ok((await cards("Develop")).includes(name), "Escape leaves it where it was");
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Space");
    await page.getByText(`“${name}” moved to Propose.`).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), name, "the card keeps the focus");

    await page.keyboard.press("m");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Close", exact: true }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "board-move");
    await dialog.getByRole("button", { name: "Close", exact: true }).click();
    await page.getByText(`“${name}” moved to Close.`).waitFor();
    assert.ok((await cards("Close")).includes(name));
  });

  test("asks how a deal ended before it closes it, and comes back to the board", async () => {
    await page.goto(BOARD);
    const card = lane("Propose").locator("[data-card]").first();
    const name = await card.getAttribute("data-name");
    await dragged(card, "Won");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Actual revenue").waitFor();
    assert.ok((await cards("Propose")).includes(name), "it stays until that is answered");
    await dialog.getByRole("button", { name: "Close as won", exact: true }).click();
    await page.getByText("Opportunity won. Congratulations!").waitFor();
    assert.match(page.url(), /\/opportunities\/board/);
    assert.ok(!(await cards("Propose")).includes(name));
  });

  test("changes a value on its card", async () => {
    await page.goto(`${BOARD}&field=closeprobability&field=estimatedclosedate`);
    const id = await lane("Develop").locator("[data-card]").first().getAttribute("id");
    await page.locator(`#${id} [data-field=closeprobability]`).click();
    await page.locator(`#${id}`).getByLabel("Probability").fill("137");
    await page.keyboard.press("Enter");
    await page.locator(`#${id} [aria-invalid=true]`).waitFor();
    await picture(page, "board-edit");
    await page.locator(`#${id}`).getByLabel("Probability").fill("77");
    await page.keyboard.press("Enter");
    await page.locator(`#${id} [data-field=closeprobability]`, { hasText: "77" }).waitFor();
    await page.getByText(/Probability of .* changed\./).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.dataset.field), "closeprobability");
    assert.deepEqual(await axeFindings(page), []);
  });

  test("makes lanes of any choice, and keeps view and filter", async () => {
    await page.goto(`${BOARD}&f=estimatedvalue:not-null`);
    await page.getByLabel("Lanes", { exact: true }).selectOption({ label: "Rating" });
    await page.getByRole("region", { name: "Hot", exact: true }).waitFor();
    assert.match(page.url(), /view=open/);
    assert.match(page.url(), /f=estimatedvalue/);
    const card = lane("Warm").locator("[data-card]").first();
    const name = await card.getAttribute("data-name");
    await dragged(card, "Hot");
    await page.getByText(`“${name}” moved to Hot.`).waitFor();
    await page.goto("/leads/board?view=open&by=statuscode");
    await page.getByRole("region", { name: "Contacted", exact: true }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "board-leads");
  });

  test("shows a row for each owner where that is chosen", async () => {
    await page.goto(BOARD);
    await page.getByRole("button", { name: "Layout" }).click();
    await page.getByLabel("A row for each owner").check();
    await page.getByRole("button", { name: "Apply" }).click();
    await page.locator("[data-board-row] [data-card]").first().waitFor();
    assert.ok((await page.locator("[data-board-row]").count()) > 1);
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "board-owners");
  });

  test("loads a lane as it scrolls", async () => {
    await page.goto("/leads/board?view=all&by=statecode");
    const open = lane("Open").locator("[data-card]");
    const first = await open.count();
    await lane("Open").locator(".board-more").scrollIntoViewIfNeeded();
    await page.waitForFunction((had) => document.querySelectorAll('[data-label="Open"] [data-card]').length > had, first);
  });

  test("is come back to with its lane where it was scrolled", async () => {
    await page.goto("/leads/board?view=all&by=statecode");
    const list = lane("Open").locator("[data-cards]");
    const shown = list.locator("[data-card]");
    await shown.first().waitFor();
    for (const had of [await shown.count(), 2 * (await shown.count())]) {
      await list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
      await page.waitForFunction((had) => document.querySelectorAll('[data-label="Open"] [data-card]').length > had, had);
    }
    // By its address: further cards come while it is scrolled to.
    const href = await shown.last().locator("[data-card-link]").getAttribute("href");
    const card = list.locator(`[data-card-link][href="${href}"]`);
    await card.scrollIntoViewIfNeeded();
    const place = await list.evaluate((element) => element.scrollTop);
    assert.ok(place > 900);
    await card.click();
    await page.locator("#record").waitFor();
    await page.keyboard.press("u");
    await page.waitForFunction((to) => document.activeElement?.matches(`[data-card-link][href="${to}"]`), href);
    assert.equal(await list.evaluate((element) => element.scrollTop), place);
  });

  // There by day, back in the dark: not every flow has the stage.
  let carried;
  for (const dark of [false, true]) {
    test(`works on a phone ${dark ? "in the dark" : "by day"}`, async () => {
      const phone = await openPage(browser, server, { width: 360, height: 740, dark });
      await phone.goto(BOARD);
      await phone.getByRole("region", { name: "Develop", exact: true }).waitFor();
      const overflow = await phone.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(overflow <= 0, `scrolls sideways by ${overflow} px`);
      assert.deepEqual(await axeFindings(phone), []);
      await picture(phone, `board-phone${dark ? "-dark" : ""}`);
      const [from, to] = dark ? ["Develop", "Qualify"] : ["Qualify", "Develop"];
      const name = (carried ??= await lane(from, phone).locator("[data-card]").first().getAttribute("data-name"));
      const card = lane(from, phone).locator(`[data-card][data-name="${name}"]`);
      await card.getByRole("link", { name: `Move “${name}”` }).click();
      await phone.getByRole("dialog").getByRole("button", { name: to, exact: true }).click();
      await phone.getByText(`“${name}” moved to ${to}.`).waitFor();
      assert.deepEqual(phone.faults, []);
      await phone.context().close();
    });
  }

  test("shows what others do to cards, but not under one's hand, and keeps the focus", async () => {
    const token = server.run("token", "create", "--user", "ada@contoso.example", "--name", "board", "--days", "1").trim();
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const change = async (id, body) => {
      const answer = await fetch(`${server.address}/api/data/v9.2/opportunities(${id})`, { method: "PATCH", headers, body: JSON.stringify(body) });
      assert.ok(answer.ok, `${answer.status} ${await answer.text()}`);
    };
    await page.goto("/opportunities/board?view=open&by=opportunityratingcode");
    const [from, to] = ["Warm", "Hot"];
    const card = lane(from).locator("[data-card]").first();
    const [id, name] = [await card.getAttribute("data-card"), await card.getAttribute("data-name")];
    const there = await count(to);
    await card.locator("[data-card-link]").focus();
    await change(id, { opportunityratingcode: 1 });
    await lane(to).locator(`[data-card="${id}"]`).waitFor();
    assert.equal(await page.locator(`[data-card="${id}"]`).count(), 1);
    assert.ok(await page.evaluate((card) => document.activeElement.closest("[data-card]")?.dataset.card === card, id), "the focus goes along");
    await page.waitForFunction(([label, wanted]) => document.querySelector(`[data-label="${label}"] .board-count`).textContent.replace(/\D/g, "") === wanted, [to, String(there + 1)]);
    assert.deepEqual(await axeFindings(page), []);

    // A card that is carried stays in the hand; it is put where it belongs afterwards.
    const carried = lane(to).locator(`[data-card="${id}"] [data-card-link]`);
    await carried.press(" ");
    await change(id, { name: `${name} (new name)` });
    await page.waitForTimeout(1200);
    assert.equal(await page.locator(".is-lifted").getAttribute("data-name"), name);
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: `${name} (new name)`, exact: true }).waitFor();
  });

  test("opens as it was left, with lanes folded, and is gone back to", async () => {
    await page.goto("/opportunities/board?view=open&by=opportunityratingcode");
    const kept = page.waitForResponse(/\/fold$/);
    await lane("Cold").getByRole("button", { name: "Cards of Cold" }).click();
    await page.locator('[data-label="Cold"].is-folded').waitFor();
    assert.equal((await kept).status(), 204);
    await page.reload();
    await page.locator('[data-label="Cold"].is-folded').waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "board-folded");
    await lane("Cold").getByRole("button", { name: "Cards of Cold" }).press("Enter");
    await page.locator('[data-label="Cold"]:not(.is-folded)').waitFor();

    await lane("Warm").locator("[data-card-link]").first().click();
    await page.locator(".record-trail a").first().click();
    await page.waitForURL(/\/opportunities\/board/);
    await page.locator("[data-lane]").first().waitFor();
  });
});
