// What was typed and not saved stays in the tab for whoever typed it, and for nobody else.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EMAIL, PASSWORD, around, axeFindings, openPage, picture } from "../harness.js";

const SELLER = "sam@contoso.example";
const SELLERS_PASSWORD = "slow purple ladder";

describe("what was typed and not saved", () => {
  let server, browser, page;

  around({ leads: 0 }, (started) => ({ server, browser, page } = started));

  const signIn = async (email, password) => {
    await page.goto("/sign-in?next=/leads/new");
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL(/\/leads\/new/);
  };
  /** The whole storage of the tab, as one could read it with the browser's tools. */
  const kept = () => page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }));
  const type = async (text) => {
    await page.goto("/leads/new");
    await page.getByLabel("Topic").fill(text);
    await page.waitForFunction((typed) => JSON.stringify({ ...sessionStorage }).includes(typed), text);
  };
  const topic = () => page.getByLabel("Topic").inputValue();

  test("leaves the browser when they sign out, also one that knows no Clear-Site-Data, and waits for them", async () => {
    await page.route("**/sign-out", async (route) => {
      const response = await route.fetch({ maxRedirects: 0 });
      const { "clear-site-data": clear, ...headers } = response.headers();
      assert.equal(clear, '"cache", "storage"');
      await route.fulfill({ response, headers });
    });
    await type("A secret merger");
    await page.getByRole("button", { name: "Account of" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(/\/sign-in/);
    assert.doesNotMatch(await kept(), /secret merger/);
    await signIn(EMAIL, PASSWORD);
    await page.getByText("What you had typed here is back").waitFor();
    assert.equal(await topic(), "A secret merger");
    await page.getByRole("button", { name: "Discard" }).click();
    await page.waitForFunction(() => document.querySelector("[name=subject]")?.value === "");
    assert.doesNotMatch(await kept(), /secret merger/);
  });

  test("leaves the other tabs, too, and comes back with theirs", async () => {
    const other = await page.context().newPage();
    await other.goto("/accounts/new");
    await other.locator("input[name=name]").fill("A secret buyer");
    await other.waitForFunction(() => JSON.stringify({ ...sessionStorage }).includes("secret buyer"));
    await type("A secret merger");
    await page.getByRole("button", { name: "Account of" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(/\/sign-in/);
    assert.doesNotMatch(await other.evaluate(() => JSON.stringify({ ...sessionStorage })), /secret buyer/);
    await other.close();
    await signIn(EMAIL, PASSWORD);
    await page.getByText("What you had typed here is back").waitFor();
    assert.equal(await topic(), "A secret merger");
    await page.goto("/accounts/new");
    await page.getByText("What you had typed here is back").waitFor();
    assert.equal(await page.locator("input[name=name]").inputValue(), "A secret buyer");
    for (const [address, words] of [["/leads/new", "secret merger"], ["/accounts/new", "secret buyer"]]) {
      await page.goto(address);
      await page.getByRole("button", { name: "Discard" }).click();
      await page.waitForFunction((words) => !JSON.stringify({ ...sessionStorage }).includes(words), words);
    }
  });

  test("comes back to them after their session has ended, and is kept from anybody else", async () => {
    await addSeller();
    await type("Only half a lead");
    await loseSession();
    await signIn(EMAIL, PASSWORD);
    await page.getByText("What you had typed here is back").waitFor();
    assert.equal(await topic(), "Only half a lead");
    await loseSession();
    await signIn(SELLER, SELLERS_PASSWORD);
    assert.equal(await topic(), "");
    assert.doesNotMatch(await kept(), /half a lead/);
    await loseSession();
    await signIn(EMAIL, PASSWORD);
    assert.equal(await topic(), "", "it is gone for good");
  });

  test("is forgotten once it is saved", async () => {
    await type("A whole lead");
    await page.getByRole("textbox", { name: "Last Name" }).fill("Lovelace");
    await page.getByRole("toolbar", { name: "Commands" }).getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForURL(/\/leads\/[0-9a-f-]{36}/);
    assert.doesNotMatch(await kept(), /whole lead/);
    await page.goto("/leads/new");
    assert.equal(await topic(), "");
  });

  test("on a timeline comes back in its form, which opens again, until it is discarded or saved", async () => {
    page.on("dialog", (question) => question.accept());
    const lead = await newLead("Timeline");
    await compose("Note");
    await composer().getByLabel("Title").fill("A secret note");
    await composer().getByRole("textbox", { name: "Note", exact: true }).click();
    await page.keyboard.press("Control+b");
    await page.keyboard.type("Half a thought");
    await composer().getByLabel("Files").setInputFiles({ name: "plan.txt", mimeType: "text/plain", buffer: Buffer.from("plan") });
    await keeps("secret note");
    await page.reload();
    await composer().getByText("is back, without its files: choose plan.txt again").waitFor();
    assert.equal(await composer().getByLabel("Title").inputValue(), "A secret note");
    await composer().locator(":is(b, strong)", { hasText: "Half a thought" }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "unsaved-note");
    await composer().getByRole("button", { name: "Discard" }).click();
    await composer().waitFor({ state: "detached" });
    assert.doesNotMatch(await kept(), /secret note/);

    await compose("Phone Call");
    await composer().getByLabel("Subject").fill("A secret call");
    await composer().getByLabel("Follow-up").selectOption("task");
    await page.getByRole("link", { name: "Accounts" }).first().click();
    await page.waitForURL(/\/accounts/);
    await page.goto(lead);
    await composer().getByText("What you had typed here is back").waitFor();
    await composer().getByLabel("What is to be done").waitFor();
    await signOut();
    assert.doesNotMatch(await kept(), /secret call/);
    await signIn(EMAIL, PASSWORD);
    await page.getByText("not saved when you signed out is kept").waitFor();
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await composer().getByText("What you had typed here is back").waitFor();
    assert.equal(await composer().getByLabel("Subject").inputValue(), "A secret call");
    await composer().getByLabel("Follow-up").selectOption("");
    await composer().getByRole("button", { name: "Save call" }).click();
    await page.getByText("Call saved.").waitFor();
    assert.doesNotMatch(await kept(), /secret call/);
  });

  test("in the answer to a post comes back where it was being written, also after it was refused", async () => {
    await compose("Post");
    await composer().getByLabel("Text").fill("Who knows the hall?");
    await composer().getByRole("button", { name: "Post", exact: true }).click();
    await page.getByRole("button", { name: "Reply" }).first().click();
    await composer().getByRole("button", { name: "Reply" }).click();
    await composer().locator("[aria-invalid=true]").waitFor();
    await composer().getByLabel("Reply").fill("A secret answer");
    await keeps("secret answer");
    await page.reload();
    await composer().getByText("What you had typed here is back").waitFor();
    assert.equal(await composer().getByLabel("Reply").inputValue(), "A secret answer");
    await composer().getByRole("button", { name: "Reply" }).click();
    await page.getByRole("list", { name: "Replies" }).getByText("A secret answer").waitFor();
    assert.doesNotMatch(await kept(), /secret answer/);
  });

  test("in the short form for a new record is there when it is opened again, also after it was refused", async () => {
    const dialog = page.getByRole("dialog");
    const open = async () => {
      await page.keyboard.press("n");
      await dialog.waitFor();
    };
    await page.goto("/leads");
    await open();
    await dialog.getByLabel("Topic").fill("A secret lead");
    await keeps("secret lead");
    await page.reload();
    await open();
    await dialog.locator("p", { hasText: "What you had typed here is back" }).waitFor();
    assert.equal(await dialog.getByLabel("Topic").inputValue(), "A secret lead");
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "unsaved-short-form");
    await dialog.getByRole("button", { name: "Discard" }).click();
    assert.equal(await dialog.getByLabel("Topic").inputValue(), "");
    assert.doesNotMatch(await kept(), /secret lead/);
    await dialog.getByLabel("Topic").fill("A secret lead");
    await dialog.getByRole("button", { name: "Save", exact: true }).click();
    await dialog.locator("[aria-invalid=true]").first().waitFor();
    await page.reload();
    await open();
    await dialog.locator("p", { hasText: "What you had typed here is back" }).waitFor();
    await dialog.getByRole("textbox", { name: "Last name" }).fill("Lovelace");
    await dialog.getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForURL(/\/leads\/[0-9a-f-]{36}/);
    assert.doesNotMatch(await kept(), /secret lead/);
    page.removeAllListeners("dialog");
  });

  test("in a short form about one record is not offered in that about another", async () => {
    page.on("dialog", (question) => question.accept());
    const dialog = page.getByRole("dialog");
    await newLead("One");
    await newLead("Another");
    const plan = async (name) => {
      await page.goto("/leads?view=all");
      await page.getByRole("row", { name }).locator("[data-row-menu]").click();
      await page.locator(".dropdown-menu.show").getByRole("button", { name: /task/i }).click();
      await dialog.getByLabel("Subject").waitFor();
    };
    await plan("One");
    await dialog.getByLabel("Subject").fill("A secret task");
    await keeps("secret task");
    await plan("Another");
    assert.equal(await dialog.getByLabel("Subject").inputValue(), "");
    await plan("One");
    await dialog.locator("p", { hasText: "What you had typed here is back" }).waitFor();
    assert.equal(await dialog.getByLabel("Subject").inputValue(), "A secret task");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "detached" });
    assert.doesNotMatch(await kept(), /secret task/);
    page.removeAllListeners("dialog");
  });

  test("about what a lead becomes is there when it is qualified again, with all its opportunities", async () => {
    page.on("dialog", (question) => question.accept());
    const dialog = page.getByRole("dialog");
    await newLead("Two halls");
    const qualify = async () => {
      await command("Qualify").click();
      await dialog.getByLabel("Topic").first().waitFor();
    };
    const topics = () => dialog.getByLabel("Topic").evaluateAll((fields) => fields.map((field) => field.value));
    await qualify();
    await dialog.getByLabel("Topic").fill("A secret hall");
    await keeps("secret hall");
    await page.reload();
    await qualify();
    await dialog.locator("p", { hasText: "What you had typed here is back" }).waitFor();
    assert.deepEqual(await topics(), ["A secret hall"]);
    await dialog.getByRole("button", { name: "Add opportunity" }).click();
    await dialog.getByRole("heading", { name: "Opportunity 2" }).waitFor();
    await dialog.getByLabel("Topic").nth(1).fill("A secret yard");
    await keeps("secret yard");
    await page.reload();
    await qualify();
    await dialog.locator("p", { hasText: "What you had typed here is back" }).waitFor();
    assert.deepEqual(await topics(), ["A secret hall", "A secret yard"]);
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "unsaved-qualification");
    await dialog.getByRole("button", { name: "Discard" }).click();
    await dialog.getByRole("heading", { name: "Opportunity 2" }).waitFor({ state: "detached" });
    assert.deepEqual(await topics(), ["Two halls"]);
    assert.doesNotMatch(await kept(), /secret (hall|yard)/);
    await dialog.getByLabel("Topic").fill("A secret hall");
    await keeps("secret hall");
    await dialog.getByRole("button", { name: "Qualify", exact: true }).click();
    await page.waitForURL(/\/opportunities\//);
    assert.doesNotMatch(await kept(), /secret hall/);
    page.removeAllListeners("dialog");
  });

  test("about how a deal ended is there when it is closed again, also after it was refused", async () => {
    page.on("dialog", (question) => question.accept());
    const dialog = page.getByRole("dialog");
    const lose = async () => {
      await command("Close as lost").click();
      await dialog.waitFor();
    };
    await lose();
    await dialog.getByLabel("Description").fill("A secret reason");
    await dialog.getByRole("button", { name: "Close as lost", exact: true }).click();
    await dialog.locator("[aria-invalid=true]").first().waitFor();
    await keeps("secret reason");
    await page.reload();
    await lose();
    await dialog.locator("p", { hasText: "What you had typed here is back" }).waitFor();
    assert.equal(await dialog.getByLabel("Description").inputValue(), "A secret reason");
    assert.deepEqual(await axeFindings(page), []);
    await dialog.getByLabel("Status reason").selectOption({ index: 1 });
    await dialog.getByRole("button", { name: "Close as lost", exact: true }).click();
    await page.getByText("Opportunity closed as lost.").waitFor();
    assert.doesNotMatch(await kept(), /secret reason/);
    page.removeAllListeners("dialog");
  });

  const composer = () => page.locator("form[data-composer]");
  const command = (name) => page.getByRole("toolbar", { name: "Commands" }).getByRole("button", { name, exact: true });

  async function compose(kind) {
    await page.getByRole("group", { name: "Add to the timeline" }).getByRole("button", { name: kind, exact: true }).click();
    await composer().waitFor();
  }

  /** Waits until the tab keeps it. */
  async function keeps(words) {
    await page.waitForFunction((typed) => JSON.stringify({ ...sessionStorage }).includes(typed), words);
  }

  async function newLead(name) {
    await page.goto("/leads/new");
    await page.getByLabel("Topic").fill(name);
    await page.getByRole("textbox", { name: "Last Name" }).fill("Lovelace");
    await page.getByRole("toolbar", { name: "Commands" }).getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForURL(/\/leads\/[0-9a-f-]{36}/);
    return page.url();
  }

  async function signOut() {
    await page.getByRole("button", { name: "Account of" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(/\/sign-in/);
  }

  async function loseSession() {
    await page.context().clearCookies();
  }

  async function addSeller() {
    const token = server.run("token", "create", "--user", EMAIL, "--name", "tests", "--days", "1").trim();
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const get = async (address) => (await (await fetch(`${server.address}/api/data/v9.2/${address}`, { headers })).json()).value[0];
    const unit = await get("businessunits?$select=businessunitid");
    const role = await get("roles?$filter=name eq 'Salesperson'&$select=roleid");
    const body = JSON.stringify({
      firstname: "Sam", lastname: "Seller", internalemailaddress: SELLER,
      "businessunitid@odata.bind": `/businessunits(${unit.businessunitid})`,
    });
    const made = await fetch(`${server.address}/api/data/v9.2/systemusers`, { method: "POST", headers, body });
    assert.ok(made.ok, await made.text());
    const seller = made.headers.get("odata-entityid").match(/\(([0-9a-f-]+)\)/)[1];
    await fetch(`${server.address}/api/data/v9.2/systemusers(${seller})/systemuserroles_association/$ref`, {
      method: "POST",
      headers,
      body: JSON.stringify({ "@odata.id": `${server.address}/api/data/v9.2/roles(${role.roleid})` }),
    });
    const sam = await openPage(browser, server, { signedIn: false });
    await sam.goto(new URL(server.run("user", "password-link", "--user", SELLER).trim()).pathname);
    await sam.getByLabel("New password").fill(SELLERS_PASSWORD);
    await sam.getByLabel("The same again").fill(SELLERS_PASSWORD);
    await sam.getByRole("button", { name: "Set password" }).click();
    await sam.waitForURL((url) => !url.pathname.startsWith("/password"));
    await sam.context().close();
  }
});
