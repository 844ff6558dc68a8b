// Ways to sign in beside the password: codes, recovery codes, passkeys, and what a role demands.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { EMAIL, PASSWORD, axeFindings, openPage, picture, startBrowser, startServer } from "../harness.js";

describe("signing in", () => {
  let server, browser, page;
  let secret, used, recovery;

  before(async () => {
    const started = await startServer({ leads: 0 });
    // Passkeys need a name.
    server = { ...started, address: started.address.replace("127.0.0.1", "localhost") };
    browser = await startBrowser();
    page = await openPage(browser, server);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  test("an authenticator app is set up by a QR code, and recovery codes are shown once", async () => {
    await page.goto("/settings/sign-in");
    await page.getByRole("link", { name: "Set up a second factor" }).click();
    await page.getByRole("img", { name: "QR code for an authenticator app" }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "set-up-second-factor");
    secret = (await page.locator(".code-secret code").textContent()).replaceAll(" ", "");
    used = code(secret);
    await page.getByRole("textbox", { name: "Code" }).fill(used);
    await page.getByRole("button", { name: "Check the code" }).click();
    await page.getByRole("heading", { name: "Keep these recovery codes" }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    recovery = await page.locator(".recovery-codes code").allTextContents();
    assert.equal(recovery.length, 10);
    await page.getByRole("link", { name: "I have kept them" }).click();
    await page.getByText("An authenticator app is set up.").waitFor();
    assert.deepEqual(faults(page), []);
  });

  test("the password alone opens nothing any more, a code does, and only once", async () => {
    const other = await openPage(browser, server, { signedIn: false });
    await typePassword(other, "/leads");
    await other.getByRole("heading", { name: "Second step" }).waitFor();
    assert.deepEqual(await axeFindings(other), []);
    await other.goto("/leads");
    assert.match(other.url(), /sign-in\/confirmation\?next=%2Fleads/, "not let in by the address");
    await other.getByRole("textbox", { name: "Code" }).fill(used);
    await other.getByRole("button", { name: "Continue" }).click();
    await other.getByText("The code is wrong or was used already").waitFor();
    await other.getByRole("textbox", { name: "Code" }).fill(code(secret, 1));
    await other.getByRole("button", { name: "Continue" }).click();
    await other.waitForURL(/\/leads/);
    await other.context().close();
  });

  test("a recovery code stands in for the device, once", async () => {
    for (const expected of [/\/leads/, /confirmation/]) {
      const other = await openPage(browser, server, { signedIn: false });
      await typePassword(other, "/leads");
      await other.getByRole("textbox", { name: "Code" }).fill(recovery[0].toLowerCase());
      await other.getByRole("button", { name: "Continue" }).click();
      await other.waitForLoadState();
      assert.match(other.url(), expected);
      await other.context().close();
    }
  });

  test("a session elsewhere is seen and ended", async () => {
    const other = await openPage(browser, server, { signedIn: false });
    await typePassword(other, "/leads");
    await other.getByRole("textbox", { name: "Code" }).fill(recovery[1]);
    await other.getByRole("button", { name: "Continue" }).click();
    await other.waitForURL(/\/leads/);
    await page.goto("/settings/sign-in");
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "your-sign-in");
    await page.getByText("this one").waitFor();
    await page.getByRole("button", { name: "Sign out everywhere else" }).click();
    await page.getByText("You are signed out everywhere else.").waitFor();
    await other.goto("/leads");
    assert.match(other.url(), /\/sign-in\?/);
    await other.context().close();
    assert.deepEqual(faults(page), []);
  });

  test("a passkey is set up, signs in without a password, is renamed and removed", async () => {
    const authenticator = await virtualAuthenticator(page);
    await page.goto("/sign-in/set-up?next=%2Fsettings%2Fsign-in");
    await page.getByLabel("Name").fill("Work laptop");
    await page.getByRole("button", { name: "Set up a passkey" }).click();
    await page.waitForURL(/settings\/sign-in/);
    await page.getByText("Work laptop").first().waitFor();
    const [before] = await authenticator.credentials();
    assert.equal(before.isResidentCredential, true);

    await page.getByRole("button", { name: "Account of" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL((url) => url.pathname === "/sign-in");
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "sign-in");
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
    const [used] = await authenticator.credentials();
    assert.ok(used.signCount > before.signCount, "the counter went on");

    await authenticator.verify(false);
    const other = page;
    await page.getByRole("button", { name: "Account of" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await other.getByRole("button", { name: "Sign in with a passkey" }).click();
    await other.getByText("Nothing was confirmed on the device").waitFor();
    await authenticator.verify(true);
    await other.getByRole("button", { name: "Sign in with a passkey" }).click();
    await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));

    await page.goto("/settings/sign-in");
    await page.getByLabel("New name of Work laptop").fill("Red laptop");
    await page.getByRole("button", { name: "Rename" }).click();
    await page.getByText("Passkey renamed.").waitFor();
    await page.getByText("Red laptop").first().waitFor();
    page.on("dialog", (dialog) => dialog.accept());
    await page.getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByText("Passkey removed.").waitFor();
    await authenticator.remove();
    assert.deepEqual(faults(page), []);
  });

  test("a copied passkey, whose counter lags behind, is refused", async () => {
    const authenticator = await virtualAuthenticator(page);
    await page.goto("/sign-in/set-up?next=%2Fsettings%2Fsign-in");
    await page.getByRole("button", { name: "Set up a passkey" }).click();
    await page.waitForURL(/settings\/sign-in/);
    const [credential] = await authenticator.credentials();
    const out = async () => {
      await page.context().clearCookies();
      await page.goto("/sign-in");
      await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    };
    await out();
    await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
    await authenticator.replace({ ...credential, signCount: 0 });
    await out();
    await page.getByText("The passkey could not be verified").waitFor();
    await authenticator.remove();
    faults(page);
  });

  test("whose role demands a second factor is led to set one up before anything else", async () => {
    const token = server.run("token", "create", "--user", EMAIL, "--name", "tests", "--days", "1").trim();
    const api = async (method, path, body) => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const response = await fetch(`${server.address}/api/data/v9.2/${path}`, { method, headers, body: body && JSON.stringify(body) });
      assert.ok(response.ok, await response.clone().text());
      return method === "GET" ? response.json() : response;
    };
    const [role] = (await api("GET", "roles?$filter=name eq 'Salesperson'&$select=roleid")).value;
    const [unit] = (await api("GET", "businessunits?$select=businessunitid")).value;
    await api("PATCH", `roles(${role.roleid})`, { secondfactor: 1 });
    const made = await api("POST", "systemusers", {
      firstname: "Sam", lastname: "Seller", internalemailaddress: "sam@contoso.example",
      "businessunitid@odata.bind": `/businessunits(${unit.businessunitid})`,
    });
    const user = made.headers.get("odata-entityid").match(/\(([0-9a-f-]+)\)/)[1];
    await api("POST", `systemusers(${user})/systemuserroles_association/$ref`, { "@odata.id": `${server.address}/api/data/v9.2/roles(${role.roleid})` });
    const link = server.run("user", "password-link", "--user", "sam@contoso.example").trim();

    const sam = await openPage(browser, server, { signedIn: false });
    await sam.goto(new URL(link).pathname);
    await sam.getByLabel("New password").fill("slow purple ladder");
    await sam.getByLabel("The same again").fill("slow purple ladder");
    await sam.getByRole("button", { name: "Set password" }).click();
    await sam.getByRole("heading", { name: "Protect your account first" }).waitFor();
    assert.deepEqual(await axeFindings(sam), []);
    for (const address of ["/leads", "/settings/sign-in", "/search?q=a"]) {
      await sam.goto(address);
      assert.match(sam.url(), /sign-in\/set-up/, address);
    }
    const own = (await sam.locator(".code-secret code").textContent()).replaceAll(" ", "");
    await sam.getByRole("textbox", { name: "Code" }).fill(code(own));
    await sam.getByRole("button", { name: "Check the code" }).click();
    await sam.getByRole("link", { name: "I have kept them" }).click();
    await sam.goto("/leads");
    assert.match(sam.url(), /\/leads/);
    await sam.goto("/settings/sign-in");
    sam.on("dialog", (dialog) => dialog.accept());
    await sam.getByRole("button", { name: "Remove authenticator app" }).click();
    await sam.getByText("Your security role demands a second factor; set up another one first.").waitFor();
    await sam.context().close();

    await page.context().clearCookies();
    await typePassword(page, `/systemusers/${user}/sign-in`);
    await page.getByRole("textbox", { name: /code/i }).fill(recovery[2]);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("heading", { name: "Sign-in of Sam Seller" }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.getByRole("button", { name: "Reset the sign-in" }).click();
    await page.getByRole("heading", { name: "One-time link" }).waitFor();
    const reset = await page.locator("#link code").textContent();
    assert.match(reset, /\/password\//);
    await page.goto(`/systemusers/${user}/sign-in`);
    await page.getByText("No password").waitFor();
    assert.ok(!(await page.content()).includes(reset), "shown once");
    assert.deepEqual(faults(page), []);
  });

  test("no secret stands in the log or in what is exported", async () => {
    const kept = server.log() + server.run("export", "systemuser", "--raw") + server.run("export", "role", "--raw");
    for (const planted of [PASSWORD, "slow purple ladder", secret, ...recovery, ...recovery.map((one) => one.replaceAll("-", ""))]) {
      assert.ok(!kept.includes(planted), planted);
    }
    assert.match(server.log(), /signed in/, "but who came in does");
  });
});

async function typePassword(page, next) {
  page.setDefaultTimeout(10_000);
  await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(/confirmation/);
}

/** What was wrong since one last asked; pages that were asked for without being let in excepted. */
function faults(page) {
  return page.faults.splice(0).filter((fault) => !/status of 40[13]/.test(fault));
}

/** The code an authenticator app shows; `later` steps from now. */
function code(base32, later = 0) {
  const bits = [...base32].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const digest = createHmac("sha1", key).update(step).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** A device that holds passkeys, made by the browser's debugger. */
async function virtualAuthenticator(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
  });
  return {
    credentials: async () => (await session.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    verify: (isUserVerified) => session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
    async replace(credential) {
      await session.send("WebAuthn.clearCredentials", { authenticatorId });
      await session.send("WebAuthn.addCredential", { authenticatorId, credential });
    },
    remove: () => session.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId }),
  };
}
