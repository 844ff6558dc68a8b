// Every page, wide and phone-wide, light and dark: usable with assistive technology, nothing odd.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { around, axeFindings, openPage, picture } from "../harness.js";

const PAGES = [
  "/leads",
  "/leads?view=all",
  "/opportunities?view=all",
  "/accounts",
  "/contacts",
  "/activitypointers?view=all",
  "/tasks",
  "/phonecalls?view=all",
  "/products",
  "/competitors",
  "/leads/new",
  "/opportunities/new",
  "/emails/new",
  "/import",
  "/deleted",
  "/privacy",
  "/privacy/retention",
  "/retentionrules",
  "/settings/profile",
  "/settings/sign-in",
  "/sign-in/set-up",
  "/no-such-page",
];
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
      const record = await firstLink(page, "/leads?view=all", /^\/leads\/[0-9a-f-]{36}$/);
      const deal = await firstLink(page, "/opportunities?view=all", /^\/opportunities\/[0-9a-f-]{36}$/);
      for (const address of [...PAGES, record, deal, `${record}/shares`]) {
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

async function firstLink(page, list, pattern) {
  await page.goto(list);
  const links = await page.locator("tbody a[href]").evaluateAll((anchors) => anchors.map((anchor) => anchor.getAttribute("href")));
  const found = links.find((href) => pattern.test(href));
  assert.ok(found, `${list} shows no record`);
  return found;
}
