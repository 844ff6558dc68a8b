// An administrator has a program told of changes, sees what became of it, and sends it again.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { around, axeFindings, picture } from "../harness.js";

describe("webhooks", () => {
  const heard = [];
  let page, receiver, status = 500;

  around({ leads: 0, configuration: 'allow_outgoing = ["127.0.0.1"]\n' }, (started) => ({ page } = started));

  before(async () => {
    receiver = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      heard.push({ id: request.headers["webhook-id"], ...JSON.parse(Buffer.concat(chunks)) });
      response.writeHead(status).end("no room");
    }).listen(0, "127.0.0.1");
    await once(receiver, "listening");
  });
  after(() => receiver?.close());

  const commands = () => page.getByRole("toolbar", { name: "Commands" });
  const save = () => commands().getByRole("button", { name: "Save", exact: true }).click();
  const until = async (what) => {
    for (let tries = 0; !what(); tries += 1) {
      assert.ok(tries < 100, "it should have come within ten seconds");
      await page.waitForTimeout(100);
    }
  };

  test("are made, watched and sent again", async () => {
    await page.goto("/webhooks/new");
    await page.getByLabel(/^Name/).fill("Warehouse");
    await page.getByLabel(/^Address/).fill(`http://127.0.0.1:${receiver.address().port}/hooks`);
    await save();
    await page.getByLabel(/^Table/).and(page.locator("[aria-invalid=true]")).waitFor();
    await page.getByLabel(/^Table/).selectOption({ label: "Lead" });
    await save();
    await page.waitForURL(/\/webhooks\/[0-9a-f-]{36}/);
    const webhook = page.url();

    await page.goto("/leads/new");
    await page.getByLabel("Last name").fill("Berg");
    await page.getByLabel("Topic").fill("Cranes");
    await save();
    await page.waitForURL(/\/leads\/[0-9a-f-]{36}/);
    await until(() => heard.length > 0);
    assert.equal(heard[0].type, "lead.created");

    await page.goto(webhook);
    await page.getByRole("heading", { name: "Deliveries" }).waitFor();
    await page.getByText("the receiver answered 500 Internal Server Error").first().waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "webhook");
    await page.getByRole("link", { name: "lead.created" }).click();
    await page.waitForURL(/\/webhookdeliveries\//);
    assert.deepEqual(await axeFindings(page), []);

    status = 204;
    // It may have been tried again by itself meanwhile.
    const before = heard.length;
    await commands().getByRole("button", { name: "Send again" }).click();
    await until(() => heard.length > before);
    assert.equal(heard.at(-1).id, heard[0].id, "the receiver knows it by its id");
    await page.reload();
    await page.getByText("Delivered").first().waitFor();
    await page.setViewportSize({ width: 360, height: 740 });
    const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= room, `${wide} wide where there is room for ${room}`);
    await page.setViewportSize({ width: 1440, height: 900 });

    await page.goto(webhook);
    page.once("dialog", (dialog) => dialog.accept());
    await commands().getByRole("button", { name: "New secret" }).click();
    await page.getByText(/^whsec_/).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.getByRole("link", { name: "Back to the webhook" }).click();
    await page.waitForURL(webhook);
    assert.doesNotMatch(await page.content(), /whsec_/);
  });
});
