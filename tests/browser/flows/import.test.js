// Spreadsheets come in: looked at, tried, brought in, mended, taken back.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { around, axeFindings, picture } from "../harness.js";

const COMPANIES = "name,telephone1,numberofemployees\nFabrikam,+49 30 1,12\nContoso Ltd,+49 30 2,twelve\nAdventure Works,,70\n";

describe("somebody with spreadsheets", () => {
  let server, page;

  around({ leads: 0 }, (started) => {
    ({ server, page } = started);
    page.setDefaultTimeout(15_000);
  });

  const file = (name, content) => {
    const place = path.join(server.folder, name);
    writeFileSync(place, content);
    return place;
  };
  const upload = async (...files) => {
    await page.locator("#import-files").setInputFiles(files);
    await page.getByRole("button", { name: "Look into the files" }).click();
  };
  const look = async (name) => {
    assert.deepEqual(await axeFindings(page), [], name);
    for (const [size, width] of [["wide", 1440], ["phone", 390]]) {
      await page.setViewportSize({ width, height: 900 });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(overflow <= 0, `${name} scrolls sideways by ${overflow} px on a ${size} screen`);
      await picture(page, `import-${name}-${size}`);
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  };

  test("comes from an empty list and need not say the table again", async () => {
    await page.goto("/accounts");
    await page.getByRole("main").getByRole("link", { name: "Import" }).first().click();
    await page.waitForURL(/\/import\?table=account/);
    assert.equal(await page.getByLabel("What is in the files").inputValue(), "account");
  });

  test("is told what is wrong with a file by the name it has", async () => {
    await upload(file("nothing.csv", ""));
    await page.getByText(/^nothing\.csv holds no rows/).waitFor();
    assert.equal(await page.getByLabel("What is in the files").inputValue(), "account", "the table is still chosen");
  });

  test("sees where each column goes and how duplicates are found", async () => {
    await upload(file("companies.csv", COMPANIES));
    await page.getByRole("heading", { name: /companies\.csv → Accounts/ }).waitFor();
    assert.match(await page.getByLabel("Records that are there already are found by").locator("option:checked").innerText(), /Account name/i);
    await look("mapping");
    await picture(page, "import");
  });

  test("tries it without writing", async () => {
    await page.getByRole("button", { name: "Try without writing" }).click();
    await page.getByRole("heading", { name: "What would be done" }).waitFor();
    await page.getByText(/found by Account name, stay as they are/i).waitFor();
    await look("trial");
  });

  test("brings it in and gets the rows that are not in with the reason", async () => {
    await page.getByRole("button", { name: "Import now" }).click();
    await page.getByText(/1 row is not in/).waitFor();
    await look("report");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: /Download the rows/ }).click()]);
    const left = readFileSync(await download.path(), "utf8");
    assert.match(left, /Contoso Ltd.*'twelve' is not a whole number/);
    await page.goto("/import");
    await upload(file("companies mended.csv", left.replace("twelve,", "12,")));
    await page.getByRole("button", { name: "Import now" }).click();
    await page.getByText("Everything is in.").waitFor();
    await page.goto("/accounts?view=all");
    await page.getByRole("link", { name: "Contoso Ltd" }).waitFor();
  });

  test("updates what is there when that is chosen", async () => {
    await page.goto("/import");
    await upload(file("companies.csv", "name,telephone1\nFabrikam,+49 30 99\n"));
    await page.getByLabel("When such a record is found").selectOption({ label: "Update it from the file" });
    await page.getByRole("button", { name: "Import now" }).click();
    await page.getByText("Everything is in.").waitFor();
    assert.match(await page.locator("dl.numbers").innerText(), /Updated\s*1/);
  });

  test("finds an import of the past again and takes it back", async () => {
    await page.goto("/import");
    await look("upload");
    await page.getByRole("link", { name: "companies mended.csv" }).click();
    await page.getByText("Everything is in.").waitFor();
    page.once("dialog", (dialog) => dialog.accept());
    await page.getByRole("button", { name: "Undo the import" }).click();
    const sure = page.getByRole("dialog").getByRole("button", { name: /undo|yes|ok|take/i });
    await Promise.race([page.getByText(/Import undone/).waitFor(), sure.first().waitFor().then(() => sure.first().click())]);
    await page.getByText(/Import undone/).waitFor();
  });

  test("watches a long import and stops it", async () => {
    const rows = Array.from({ length: 30_000 }, (_, number) => `Company ${number},N${number}`).join("\n");
    await page.goto("/import?table=account");
    await upload(file("many companies.csv", `name,accountnumber\n${rows}\n`));
    await page.getByRole("button", { name: "Import now" }).click();
    await page.getByText(/of 30,000 rows/).first().waitFor();
    await page.waitForFunction(() => /^[1-9][\d,]* of 30,000 rows/m.test(document.body.innerText));
    await look("progress");
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText(/The import was stopped/).waitFor();
    await page.getByText("Not reached").waitFor();
  });
});
