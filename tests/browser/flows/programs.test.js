// A program that people use: registered by an administrator, let in by a person in the browser, and a
// real OAuth client (npm openid-client) on the other side.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import * as oauth from "openid-client";
import { axeFindings, openPage, picture, startBrowser, startServer } from "../harness.js";

describe("programs", () => {
  let server, browser, page, desk, landing, arrived;

  before(async () => {
    server = await startServer({ leads: 20 });
    browser = await startBrowser();
    page = await openPage(browser, server);
    // The program waits on the person's own device, at a port that it finds free.
    desk = createServer((request, response) => {
      arrived?.(new URL(request.url, landing));
      response.end("Back at Desk");
    });
    await new Promise((resolve) => desk.listen(0, "127.0.0.1", resolve));
    landing = `http://127.0.0.1:${desk.address().port}/done`;
  });
  after(async () => {
    desk?.close();
    await browser?.close();
    await server?.stop();
  });

  const insecure = { algorithm: "oauth2", execute: [oauth.allowInsecureRequests] };
  const read = (token) => fetch(`${server.address}/api/data/v9.2/leads?$select=fullname&$top=1`, { headers: { authorization: `Bearer ${token}` } });

  /** Where the program sends the person, with what it keeps until they come back. */
  async function ask(config, scope) {
    const verifier = oauth.randomPKCECodeVerifier();
    const state = oauth.randomState();
    const url = oauth.buildAuthorizationUrl(config, {
      redirect_uri: landing,
      scope,
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    });
    return { url, verifier, state };
  }

  /** Answers on the page, and waits for where that leads. */
  async function answer(view, button) {
    const back = new Promise((resolve) => {
      arrived = resolve;
    });
    await view.getByRole("button", { name: button, exact: true }).click();
    const url = await back;
    await view.getByText("Back at Desk").waitFor();
    view.faults.length = 0; // the program's page is a foreign one, and has no icon
    return url;
  }

  test("is registered, let in, reads a lead, renews its token, and is removed", async () => {
    await page.goto("/programs/new");
    await page.getByLabel("Name").fill("Desk");
    await page.getByLabel("Description").fill("Shows your leads beside your mail.");
    await page.getByLabel("Redirect addresses").fill("http://127.0.0.1/done");
    await page.getByLabel("Runs").check();
    await page.getByRole("button", { name: "Save" }).first().click();
    await page.waitForURL(/\/programs\/[0-9a-f-]{36}/);
    const id = page.url().match(/programs\/([0-9a-f-]{36})/)[1];
    await page.goto(`/programs/${id}/sign-in`);
    assert.deepEqual(await axeFindings(page), []);
    const client = await page.locator("code").first().textContent();

    const config = await oauth.discovery(new URL(server.address), client, undefined, oauth.None(), insecure);
    let asked = await ask(config, "crm.read offline_access");
    await page.goto(asked.url.href);
    await page.getByRole("heading", { name: "Let Desk in?" }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "let-a-program-in");
    let back = await answer(page, "Do not let it in");
    await assert.rejects(oauth.authorizationCodeGrant(config, back, { pkceCodeVerifier: asked.verifier, expectedState: asked.state }), { error: "access_denied" });

    asked = await ask(config, "crm.read offline_access");
    await page.goto(asked.url.href);
    back = await answer(page, "Let it in");
    const tokens = await oauth.authorizationCodeGrant(config, back, { pkceCodeVerifier: asked.verifier, expectedState: asked.state });
    const leads = await (await read(tokens.access_token)).json();
    assert.ok(leads.value[0].fullname, "it reads a lead");
    const refused = await fetch(`${server.address}/api/data/v9.2/leads`, {
      method: "POST",
      headers: { authorization: `Bearer ${tokens.access_token}`, "content-type": "application/json" },
      body: JSON.stringify({ lastname: "Berg" }),
    });
    assert.equal(refused.status, 403, "it was let in to read");
    const renewed = await oauth.refreshTokenGrant(config, tokens.refresh_token);
    assert.equal((await read(renewed.access_token)).status, 200);

    await page.goto("/settings/sign-in");
    await page.getByRole("cell", { name: "Desk" }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "programs-let-in");
    page.once("dialog", (dialog) => dialog.accept());
    await page.getByRole("row", { name: /Desk/ }).getByRole("button", { name: "Remove" }).click();
    await page.getByText("Program removed.").waitFor();
    assert.equal((await read(renewed.access_token)).status, 401);
    assert.deepEqual(page.faults.splice(0), []);
  });

  test("is answered on a phone, in the dark, by whoever has to sign in first", async () => {
    const client = server.run("program", "add", "--name", "Phone book", "--public", "--redirect", "http://127.0.0.1/done").trim();
    const config = await oauth.discovery(new URL(server.address), client, undefined, oauth.None(), insecure);
    const asked = await ask(config, "crm");
    const phone = await openPage(browser, server, { width: 390, height: 844, dark: true, signedIn: false });
    await phone.goto(asked.url.href);
    await phone.getByLabel("E-mail").fill("ada@contoso.example");
    await phone.getByLabel("Password").fill("correct horse battery");
    await phone.getByRole("button", { name: "Sign in", exact: true }).click();
    await phone.getByRole("heading", { name: "Let Phone book in?" }).waitFor();
    await phone.mouse.move(0, 0); // off the button that stands where the one to sign in stood
    assert.deepEqual(await axeFindings(phone), []);
    await picture(phone, "let-a-program-in-phone");
    const wide = await phone.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    assert.equal(wide, false, "nothing is wider than the phone");
    await phone.getByRole("button", { name: "Let it in", exact: true }).focus();
    const back = await answer(phone, "Let it in");
    const tokens = await oauth.authorizationCodeGrant(config, back, { pkceCodeVerifier: asked.verifier, expectedState: asked.state });
    assert.equal((await read(tokens.access_token)).status, 200);
    assert.equal(tokens.refresh_token, undefined, "it did not ask to work while nobody is there");
    await phone.context().close();
  });

  test("works by itself as a user of its own", async () => {
    const client = server.run("program", "add", "--name", "Nightly sync", "--role", "System Administrator").trim();
    const secret = server.run("program", "secret", client).trim();
    const config = await oauth.discovery(new URL(server.address), client, secret, undefined, insecure);
    const tokens = await oauth.clientCredentialsGrant(config, { scope: "crm" });
    assert.equal((await read(tokens.access_token)).status, 200);
    await oauth.tokenRevocation(config, tokens.access_token);
    assert.equal((await read(tokens.access_token)).status, 401);
    assert.match(server.run("program", "list"), /Nightly sync/);
  });
});
