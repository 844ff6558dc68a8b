// From signing in to a won deal without a mouse: every step is a key.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EMAIL, PASSWORD, around } from "../harness.js";

for (const [device, size] of [
  ["at a desk", { width: 1440, height: 900 }],
  ["on a small screen with keys", { width: 360, height: 740 }],
]) {
  describe(`a seller without a mouse, ${device}`, () => {
    let page, keys;

    around(
      { leads: 20 },
      (started) => {
        page = started.page;
        keys = page.keyboard;
        page.setDefaultTimeout(15_000);
      },
      { ...size, signedIn: false },
    );

    /** What the focus is on that a key works on, as a screen reader would name it. */
    const focused = () =>
      page.evaluate(() => {
        const at = document.activeElement;
        if (!at || at.tabIndex < 0) return "";
        const label = at.labels?.[0]?.innerText ?? at.getAttribute("aria-label") ?? at.innerText ?? "";
        return label.replace(/\s+/g, " ").trim();
      });

    /** Presses Tab until the focus is on what bears this name. */
    async function tabTo(name, { within = 120, back = false } = {}) {
      const seen = new Set();
      for (let step = 0; step < within; step += 1) {
        const label = await focused();
        if (name instanceof RegExp ? name.test(label) : label === name) return;
        seen.add(label.slice(0, 40));
        await keys.press(back ? "Shift+Tab" : "Tab");
      }
      assert.fail(`Tab does not reach ${name}; it went over ${[...seen].join(" | ")}`);
    }

    const dialog = () => page.getByRole("dialog");

    test("signs in", async () => {
      await page.goto("/");
      await tabTo("E-mail");
      await keys.type(EMAIL);
      await tabTo("Password");
      await keys.type(PASSWORD);
      await keys.press("Enter");
      await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
    });

    test("goes to the leads and creates one", async () => {
      await page.getByRole("main").waitFor();
      await keys.press("g");
      await keys.press("l");
      await page.waitForURL(/\/leads/);
      await keys.press("n");
      await dialog().waitFor();
      await tabTo(/^Topic/);
      await keys.type("Palletising cell");
      await tabTo(/^First name/);
      await keys.type("Kay");
      await tabTo(/^Last name/);
      await keys.type("Board");
      await tabTo(/^Company/);
      await keys.type("Northwind Traders");
      await keys.press("Control+s");
      await dialog().waitFor({ state: "detached" });
    });

    test("finds it in the palette and opens it", async () => {
      await keys.press("Control+k");
      await page.getByRole("combobox", { name: /Search/ }).waitFor();
      await keys.type("palletising");
      await page.getByRole("option", { name: /Kay Board/ }).first().waitFor();
      await keys.press("Enter");
      await page.getByRole("heading", { name: "Kay Board", level: 1 }).waitFor();
    });

    test("notes a call on its timeline", async () => {
      await tabTo("Phone Call");
      await keys.press("Enter");
      await page.locator("form[data-composer]").waitFor();
      await tabTo(/^Subject/);
      await keys.type("Wants an offer by Friday");
      await tabTo(/^Save call/);
      await keys.press("Enter");
      await page.locator(".timeline").getByText("Wants an offer by Friday").first().waitFor();
    });

    test("opens a stage of the process, goes along the bar and qualifies from it", async () => {
      await tabTo(/^Qualify [a-z\d]/, { back: true });
      await keys.press("ArrowRight");
      assert.match(await focused(), /^Develop/);
      await keys.press("ArrowLeft");
      await keys.press("Enter");
      await page.getByRole("region", { name: "Qualify" }).waitFor();
      await tabTo("Qualify");
      await keys.press("Enter");
      await dialog().waitFor();
      await tabTo("Qualify");
      await keys.press("Enter");
      await page.waitForURL(/\/opportunities\/[0-9a-f-]{36}/);
      await page.getByRole("heading", { name: "Palletising cell", level: 1 }).waitFor();
    });

    test("enters what the deal is worth and saves", async () => {
      await keys.press("e");
      await tabTo(/^Est. revenue/);
      await keys.type("48000");
      await keys.press("Control+s");
      await page.getByText("Saved.", { exact: true }).first().waitFor();
    });

    test("wins it", async () => {
      await tabTo(/^(Close as won|More commands)/);
      if (/^More commands/.test(await focused())) {
        await keys.press("Enter");
        await tabTo("Close as won");
      }
      await keys.press("Enter");
      await dialog().waitFor();
      await tabTo("Close as won");
      await keys.press("Enter");
      await dialog().waitFor({ state: "detached" });
      await page.getByText("Won", { exact: true }).first().waitFor();
    });
  });
}
