// Single sign-on with a real identity provider.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { EMAIL, axeFindings, openPage, startBrowser, startServer } from "../harness.js";
import { CLIENT, configuration, startProvider } from "../provider.js";

describe("single sign-on", () => {
  let server, browser, provider;

  before(async () => {
    provider = await startProvider();
    server = await startServer({ leads: 0, configuration: configuration(provider.issuer), files: { "client-secret": CLIENT.secret } });
    provider.open(server.address);
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await provider?.stop();
  });

  test("somebody new is let in as what their group stands for", async () => {
    const page = await comesAs("nora");
    await page.waitForURL(/\/leads/);
    await page.getByRole("button", { name: "Account of Nora North" }).waitFor();
    await page.goto("/systemusers");
    await page.getByText("This is not here").waitFor();
    await page.context().close();
    const people = server.run("export", "systemuser", "--raw");
    assert.match(people, /nora@contoso\.example/);
  });

  test("somebody known by their verified address is linked, and comes again as the same", async () => {
    for (let time = 0; time < 2; time += 1) {
      const page = await comesAs("ada");
      await page.waitForURL(/\/leads/);
      await page.goto("/systemusers");
      await page.getByRole("heading", { name: /Users/ }).first().waitFor();
      await page.context().close();
    }
    const rows = server.run("export", "systemuser", "--raw").split("\n").filter((row) => row.includes(EMAIL));
    assert.equal(rows.length, 1);
  });

  test("a group that was left takes its roles along, but not from the last administrator", async () => {
    provider.people.ada.groups = ["sales"];
    const last = await comesAs("ada");
    await last.waitForURL(/\/leads/);
    await last.goto("/systemusers");
    await last.getByRole("heading", { name: /Users/ }).first().waitFor();
    await last.context().close();
    provider.people.nora.groups = ["admins", "sales"];
    for (const who of ["nora", "ada"]) {
      const page = await comesAs(who);
      await page.waitForURL(/\/leads/);
      await page.goto("/systemusers");
      if (who === "ada") await page.getByText("This is not here").waitFor();
      await page.context().close();
    }
  });

  test("an address that is not verified is refused", async () => {
    const page = await comesAs("una");
    await page.getByText("does not vouch for your e-mail address").waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.context().close();
    assert.doesNotMatch(server.run("export", "systemuser", "--raw"), /una@/);
  });

  test("somebody in no group is refused", async () => {
    const page = await comesAs("gus");
    await page.getByText("You are in none of the groups").waitFor();
    await page.context().close();
    assert.doesNotMatch(server.run("export", "systemuser", "--raw"), /gus@/);
  });

  test("an answer that was not asked for in this browser is refused", async () => {
    const page = await openPage(browser, server, { signedIn: false });
    await page.goto("/sign-in/provider/answer?state=made-up&code=made-up");
    await page.getByText("This sign-in was not begun in this browser").waitFor();
    await page.goto("/sign-in/provider/answer?state=made-up&error=access_denied");
    await page.getByText("The identity provider did not sign you in").waitFor();
    await page.context().close();
  });

  test("a provider inside the network is not reached unless that is allowed", async () => {
    const guarded = await startServer({
      leads: 0,
      configuration: configuration(provider.issuer, { allowed: false }),
      files: { "client-secret": CLIENT.secret },
    });
    const page = await openPage(browser, guarded, { signedIn: false });
    await page.goto("/sign-in/provider");
    await page.getByText("The identity provider cannot be used now").waitFor();
    assert.match(guarded.log(), /inside the network/);
    await page.context().close();
    await guarded.stop();
  });

  test("the client's secret stands in no log", () => {
    assert.ok(!server.log().includes(CLIENT.secret));
  });

  async function comesAs(person) {
    const page = await openPage(browser, server, { signedIn: false });
    await page.goto("/leads");
    await page.getByRole("link", { name: "Sign in with Contoso" }).click();
    await page.locator("[name=login]").fill(person);
    await page.locator("[name=password]").fill("any");
    await page.getByRole("button").first().click();
    await page.getByRole("button", { name: /continue/i }).click();
    await page.waitForURL((url) => url.href.startsWith(server.address));
    return page;
  }
});
