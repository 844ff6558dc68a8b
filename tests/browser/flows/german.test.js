// A seller whose browser speaks German reads every page in German, and may choose English.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EMAIL, around, axeFindings, openPage, picture } from "../harness.js";

const SELLER = "sam@contoso.example";
const PASSWORD = "slow purple ladder";

describe("in German, a seller", () => {
  let server, browser, sam;

  around({ leads: 20 }, (started) => ({ server, browser } = started));

  const language = () => sam.locator("html").getAttribute("lang");
  const heading = (name) => sam.getByRole("heading", { name, level: 1 });

  /** Nothing stands outside of a narrow page. */
  async function fits(page) {
    const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= room, `${page.url()} is ${wide} wide where there is room for ${room}`);
  }

  /** Somebody who sells. */
  async function makeSeller() {
    const token = server.run("token", "create", "--user", EMAIL, "--name", "tests", "--days", "1").trim();
    const api = async (method, address, body) => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const response = await fetch(`${server.address}/api/data/v9.2/${address}`, { method, headers, body: body && JSON.stringify(body) });
      assert.ok(response.ok, await response.clone().text());
      return method === "GET" ? response.json() : response;
    };
    const [unit] = (await api("GET", "businessunits?$select=businessunitid")).value;
    const [role] = (await api("GET", "roles?$filter=name eq 'Salesperson'&$select=roleid")).value;
    const made = await api("POST", "systemusers", {
      firstname: "Sam", lastname: "Seller", internalemailaddress: SELLER,
      "businessunitid@odata.bind": `/businessunits(${unit.businessunitid})`,
    });
    const seller = made.headers.get("odata-entityid").match(/\(([0-9a-f-]+)\)/)[1];
    await api("POST", `systemusers(${seller})/systemuserroles_association/$ref`, { "@odata.id": `${server.address}/api/data/v9.2/roles(${role.roleid})` });
    await api("POST", "leads", { subject: "Kräne", lastname: "Lehmann", companyname: "Kranbau GmbH", leadqualitycode: 1, "ownerid@odata.bind": `/systemusers(${seller})` });
  }

  test("signs in", async () => {
    await makeSeller();
    sam = await openPage(browser, server, { signedIn: false, locale: "de-DE" });
    await sam.goto(new URL(server.run("user", "password-link", "--user", SELLER).trim()).pathname);
    assert.equal(await language(), "de");
    assert.deepEqual(await axeFindings(sam), []);
    await sam.getByLabel("Neues Passwort").fill(PASSWORD);
    await sam.getByLabel("Dasselbe noch einmal").fill(PASSWORD);
    await sam.getByRole("button", { name: "Passwort setzen" }).click();
    await sam.waitForURL(/\/home$/);
    await sam.getByRole("button", { name: "Konto von Sam Seller" }).click();
    await sam.getByRole("button", { name: "Abmelden" }).click();
    await sam.waitForURL(/\/sign-in/);
    assert.deepEqual(await axeFindings(sam), []);
    await picture(sam, "german-sign-in");
    await sam.getByLabel("E-Mail").fill(SELLER);
    await sam.getByLabel("Passwort").fill("falsch");
    await sam.getByRole("button", { name: "Anmelden", exact: true }).click();
    await sam.getByText("Die E-Mail-Adresse oder das Passwort ist falsch.").waitFor();
    await sam.getByLabel("Passwort").fill(PASSWORD);
    await sam.getByRole("button", { name: "Anmelden", exact: true }).click();
    await sam.waitForURL(/\/home$/);
  });

  test("sees where the day begins, leads and a lead", async () => {
    for (const address of ["/home", "/leads"]) {
      await sam.goto(address);
      assert.equal(await language(), "de");
      assert.deepEqual(await axeFindings(sam), []);
      await sam.getByRole("navigation", { name: "Hauptnavigation" }).getByRole("link", { name: "Startseite" }).waitFor();
      await picture(sam, `german${address.replace("/", "-")}`);
    }
    await sam.getByRole("link", { name: "Lehmann" }).first().click();
    await sam.waitForURL(/\/leads\/[0-9a-f-]{36}/);
    assert.equal(await language(), "de");
    assert.deepEqual(await axeFindings(sam), []);
    await sam.getByRole("button", { name: "Diesen Datensatz anheften" }).waitFor();
    await picture(sam, "german-lead");
  });

  test("chooses English in the settings, and German again", async () => {
    await sam.goto("/settings/profile");
    await heading("Persönliche Einstellungen").waitFor();
    assert.deepEqual(await axeFindings(sam), []);
    await picture(sam, "german-settings");
    await sam.locator("select[name=uilanguageid]").selectOption({ label: "English" });
    await sam.getByRole("button", { name: "Speichern", exact: true }).click();
    await heading("Personal settings").waitFor();
    await sam.getByText("Settings saved.").waitFor();
    assert.equal(await language(), "en");
    await sam.locator("select[name=uilanguageid]").selectOption({ label: "Deutsch" });
    await sam.getByRole("button", { name: "Save", exact: true }).click();
    await heading("Persönliche Einstellungen").waitFor();
    await sam.getByText("Einstellungen gespeichert.").waitFor();
    assert.equal(await language(), "de");
  });

  test("reads all of it on a phone", async () => {
    await sam.setViewportSize({ width: 360, height: 740 });
    for (const address of ["/home", "/leads", "/notifications", "/settings/profile", "/settings/sign-in"]) {
      await sam.goto(address);
      assert.equal(await language(), "de");
      assert.deepEqual(await axeFindings(sam), [], address);
      await fits(sam);
    }
    await sam.goto("/leads");
    await sam.getByRole("link", { name: "Lehmann" }).first().click();
    await sam.waitForURL(/\/leads\/[0-9a-f-]{36}/);
    await fits(sam);
    await picture(sam, "german-phone");
    assert.deepEqual(sam.faults, [], "no console errors, nothing loaded from another host");
  });
});
