// The first minutes in an organisation without any data.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { around, axeFindings, picture } from "../harness.js";

describe("an empty organisation", () => {
  let page;

  around({ leads: 0 }, (started) => ({ page } = started));

  test("teaches what to do where a list is empty", async () => {
    for (const address of ["/leads", "/opportunities", "/accounts", "/products"]) {
      await page.goto(address);
      await page.getByRole("link", { name: /^New / }).first().waitFor();
      assert.deepEqual(await axeFindings(page), [], address);
      await picture(page, `empty${address.replace("/", "-")}`);
    }
  });
});
