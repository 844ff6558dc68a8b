// Every page, wide and phone-wide, light and dark: usable with assistive technology, nothing odd.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { everyAddress } from "../addresses.js";
import { around, axeFindings, openPage, picture } from "../harness.js";

const SIZES = [
  { name: "wide", width: 1440, height: 900, dark: false },
  { name: "wide-dark", width: 1440, height: 900, dark: true },
  { name: "phone", width: 390, height: 844, dark: false },
  { name: "phone-dark", width: 390, height: 844, dark: true },
];

describe("every page", () => {
  let server, browser;

  around({ leads: 60 }, (started) => ({ server, browser } = started));

  for (const size of SIZES) {
    test(`is usable ${size.name}`, async () => {
      const page = await openPage(browser, server, size);
      for (const address of await everyAddress(page)) {
        await page.goto(address);
        const name = address.replace(/[/?=]+/g, "-").replace(/-[0-9a-f]{8}-[0-9a-f-]{27}/, "-record").slice(1);
        await picture(page, `${name}-${size.name}`);
        assert.deepEqual(await axeFindings(page), [], address);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(overflow <= 0, `${address} scrolls sideways by ${overflow} px`);
        const hidden = await page.evaluate(() => {
          const list = document.querySelector(".grid-scroll");
          return list ? list.scrollWidth - list.clientWidth : 0;
        });
        assert.ok(hidden <= 0, `${address} hides ${hidden} px of its last columns`);
      }
      const faults = page.faults.filter((fault) => !/404/.test(fault));
      assert.deepEqual(faults, []);
      await page.context().close();
    });
  }

  test("asks a stranger to sign in and goes on where they wanted to go", async () => {
    const page = await openPage(browser, server, { signedIn: false });
    await page.goto("/accounts");
    await page.getByLabel("Password").waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.getByLabel("E-mail").fill("ada@contoso.example");
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByText("the e-mail address or the password is wrong").waitFor();
    await page.getByLabel("E-mail").fill("ada@contoso.example");
    await page.getByLabel("Password").fill("correct horse battery");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL(/\/accounts/);
  });
});
