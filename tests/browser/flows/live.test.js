// Two people in two browsers: what one changes appears before the other, who loses nothing typed.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EMAIL, around, axeFindings, openPage, picture } from "../harness.js";

describe("live pages", () => {
  let server, browser, page, api;

  around({ leads: 12 }, (started) => {
    ({ server, browser, page } = started);
    const token = server.run("token", "create", "--user", EMAIL, "--name", "tests", "--days", "1").trim();
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    // The other person, as far as it does not matter by what they do it.
    api = async (method, path, body) => {
      const answer = await fetch(`${server.address}/api/data/v9.2/${path}`, { method, headers, body: body && JSON.stringify(body) });
      assert.ok(answer.ok, `${path}: ${answer.status}`);
      return answer.headers.get("odata-entityid")?.match(/\(([0-9a-f-]+)\)/)?.[1];
    };
  });

  const newLead = (topic) => api("POST", "leads", { subject: topic, lastname: "Berg", firstname: "Lena" });
  // What happens after a page was read reaches it, whenever it begins to listen.
  const open = (on, path) => on.goto(path);
  const field = (on, name) => on.locator(`[name="${name}"]`);
  const saved = (on) => on.getByRole("toolbar", { name: "Commands" }).getByRole("button", { name: "Save", exact: true });
  const theirs = (label) => page.getByRole("group", { name: `${label}: two values` });

  test("what one saves appears in the other's form, beside what is typed there", async () => {
    const lead = await newLead("Two at one lead");
    const other = await openPage(browser, server, { width: 360, height: 740 });
    await open(page, `/leads/${lead}`);
    await open(other, `/leads/${lead}`);

    await field(page, "firstname").fill("Magdalena");
    await field(other, "jobtitle").fill("Buyer");
    await field(other, "firstname").fill("Leni");
    await saved(other).click();
    await other.getByText("Saved.").waitFor();

    await page.waitForFunction(() => document.querySelector("[name=jobtitle]").value === "Buyer");
    assert.equal(await field(page, "firstname").inputValue(), "Magdalena", "what is typed stays");
    await theirs("First name").getByText(/changed this to “Leni”/).waitFor();
    await page.getByRole("heading", { name: "Leni Berg" }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "live-form");

    // By keyboard, and the other way round: the one with the narrow window is told, too.
    await theirs("First name").getByRole("button", { name: "Keep mine" }).press("Enter");
    await saved(page).click();
    await page.getByText("Saved.").waitFor();
    await other.waitForFunction(() => document.querySelector("[name=firstname]").value === "Magdalena");

    await field(other, "jobtitle").fill("Head of purchasing");
    await api("PATCH", `leads(${lead})`, { jobtitle: "Purchaser" });
    const offer = other.getByRole("group", { name: "Job title: two values" });
    await offer.waitFor();
    assert.deepEqual(await axeFindings(other), []);
    await picture(other, "live-form-narrow");
    await offer.getByRole("button", { name: "Take" }).click();
    assert.equal(await field(other, "jobtitle").inputValue(), "Purchaser");
    await other.context().close();
  });

  test("saving what both changed asks about nothing but that field", async () => {
    const lead = await newLead("Both at once");
    await open(page, `/leads/${lead}`);
    // Not told: as where the connection is lost.
    await page.evaluate(() => document.querySelector("[data-live-record]").removeAttribute("data-live-record"));
    await field(page, "jobtitle").fill("Mine");
    await field(page, "firstname").fill("Magdalena");
    await api("PATCH", `leads(${lead})`, { jobtitle: "Theirs", mobilephone: "+49 1" });
    await saved(page).click();
    await page.getByText(/changed this to “Theirs”/).waitFor();
    assert.equal(await field(page, "jobtitle").inputValue(), "Mine");
    assert.equal(await field(page, "firstname").inputValue(), "Magdalena");
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "live-both");
    await page.getByLabel("Take theirs when saving").check();
    await saved(page).click();
    await page.getByText("Saved.").waitFor();
    assert.equal(await field(page, "jobtitle").inputValue(), "Theirs");
    assert.equal(await field(page, "firstname").inputValue(), "Magdalena");
  });

  test("what was typed over an older version comes back beside the newer one", async () => {
    const lead = await newLead("Typed and left");
    await open(page, `/leads/${lead}`);
    await field(page, "jobtitle").fill("Mine");
    await page.waitForFunction(() => JSON.stringify({ ...sessionStorage }).includes("Mine"));
    await page.goto("about:blank");
    await api("PATCH", `leads(${lead})`, { jobtitle: "Theirs", mobilephone: "+49 7" });
    await open(page, `/leads/${lead}`);
    await theirs("Job title").getByText(/“Theirs”/).waitFor();
    assert.equal(await field(page, "jobtitle").inputValue(), "Mine");
    assert.equal(await field(page, "mobilephone").inputValue(), "+49 7");
    await theirs("Job title").getByRole("button", { name: "Take" }).click();
  });

  test("a list keeps its place while rows change, come and go", async () => {
    const [changed, deleted] = [await newLead("Will change"), await newLead("Will go")];
    await open(page, "/leads?view=all");
    const row = (id) => page.locator(`tr[data-id="${id}"]`);
    await row(changed).getByRole("checkbox").check();
    await api("PATCH", `leads(${changed})`, { subject: "Has changed" });
    await row(changed).getByText("Has changed").waitFor();
    assert.ok(await row(changed).getByRole("checkbox").isChecked(), "what is selected stays so");

    await api("DELETE", `leads(${deleted})`);
    await page.locator(`tr.is-gone[data-id="${deleted}"]`).waitFor();

    await newLead("Brand new one");
    const news = page.getByRole("button", { name: "1 new – show" });
    await news.waitFor();
    assert.equal(await page.getByText("Brand new one").count(), 0, "nothing moves by itself");
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "live-list");
    await news.click();
    await page.getByText("Brand new one").waitFor();
    assert.equal(await row(deleted).count(), 0);
    assert.ok(await row(changed).getByRole("checkbox").isChecked());
  });

  test("a timeline shows what is added to it", async () => {
    const lead = await newLead("Talked about");
    await open(page, `/leads/${lead}`);
    await api("POST", "phonecalls", { subject: "Called about the offer", "regardingobjectid_lead_phonecall@odata.bind": `/leads(${lead})` });
    const entry = page.getByRole("region", { name: "Timeline" }).getByRole("link", { name: "Called about the offer" });
    await entry.waitFor();
  });

  test("a lost connection is told quietly and caught up with", async () => {
    const lead = await newLead("Out of reach");
    const alone = await openPage(browser, server);
    // Without the shared worker, whose connection the test cannot cut.
    await alone.addInitScript(() => delete window.SharedWorker);
    await open(alone, `/leads/${lead}`);
    await alone.context().setOffline(true);
    await alone.getByText("No connection to the server. What you type is kept.").waitFor();
    await api("PATCH", `leads(${lead})`, { jobtitle: "Missed" });
    await alone.context().setOffline(false);
    await alone.waitForFunction(() => document.querySelector("[name=jobtitle]").value === "Missed");
    await alone.getByText("No connection to the server").waitFor({ state: "detached" });
    await alone.context().close();
  });

  test("what a lost connection had to say is taken back once it is there again, and what waited is saved", async () => {
    const lead = await newLead("Out of reach for a while");
    const alone = await openPage(browser, server);
    await alone.addInitScript(() => delete window.SharedWorker);
    await alone.clock.install();
    await open(alone, `/leads/${lead}`);
    const failure = alone.getByText("The server cannot be reached. Nothing you typed is lost");
    const state = alone.locator("[data-save-state]");
    await alone.context().setOffline(true);
    await field(alone, "jobtitle").fill("Typed meanwhile");
    await field(alone, "firstname").focus();
    await alone.clock.fastForward(31_000);
    await state.getByText("Not saved: the server cannot be reached").waitFor();
    for (const times of [1, 2]) {
      await saved(alone).click();
      await failure.waitFor();
      assert.equal(await failure.count(), 1, `said once, not ${times} times`);
    }
    assert.deepEqual(await axeFindings(alone), []);
    await picture(alone, "live-unreachable");
    await alone.context().setOffline(false);
    await failure.waitFor({ state: "detached" });
    await alone.getByText("The server can be reached again.").waitFor();
    await state.getByText(/^Saved \d/).waitFor();
    await alone.clock.fastForward(8_000);
    await alone.getByText("The server can be reached again.").waitFor({ state: "detached" });
    await alone.context().close();
  });

  test("tabs of one browser share one stream", async () => {
    await open(page, "/leads?view=all");
    const second = await page.context().newPage();
    const streams = [];
    for (const tab of [page, second]) tab.on("request", (request) => request.url().includes("/live?") && streams.push(request.url()));
    const lead = await newLead("Seen in both");
    await second.goto(`/leads/${lead}`);
    await api("PATCH", `leads(${lead})`, { jobtitle: "In both" });
    await second.waitForFunction(() => document.querySelector("[name=jobtitle]").value === "In both");
    await page.getByRole("button", { name: /new – show/ }).waitFor();
    assert.deepEqual(streams, [], "no tab opened one of its own");
    await second.close();
  });
});
