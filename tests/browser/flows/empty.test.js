// The first minutes in an organisation without any data.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { axeFindings, openPage, picture, startBrowser, startServer } from "../harness.js";

describe("an empty organisation", () => {
  let server, browser, page;

  before(async () => {
    server = await startServer({ leads: 0 });
    browser = await startBrowser();
    page = await openPage(browser, server);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  test("teaches what to do where a list is empty", async () => {
    for (const address of ["/leads", "/opportunities", "/accounts", "/products"]) {
      await page.goto(address);
      await page.getByRole("link", { name: /^New / }).first().waitFor();
      assert.deepEqual(await axeFindings(page), [], address);
      await picture(page, `empty${address.replace("/", "-")}`);
    }
  });
});
