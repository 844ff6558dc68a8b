// An administrator secures a column; a seller meets it masked, then reads it by a profile.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EMAIL, around, axeFindings, openPage, picture } from "../harness.js";

const SELLER = "sam@contoso.example";

describe("a secured column", () => {
  let server, browser, page;

  around({ leads: 0 }, (started) => ({ server, browser, page } = started));

  test("is masked until a profile made on pages lets the seller read it", async () => {
    const token = server.run("token", "create", "--user", EMAIL, "--name", "tests", "--days", "1").trim();
    const api = async (method, address, body) => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const response = await fetch(`${server.address}/api/${address}`, { method, headers, body: body && JSON.stringify(body) });
      assert.ok(response.ok, await response.clone().text());
      return method === "GET" ? response.json() : response;
    };
    const keyOf = (made) => made.headers.get("odata-entityid").match(/\(([0-9a-f-]+)\)/)[1];
    const [unit] = (await api("GET", "data/v9.2/businessunits?$select=businessunitid")).value;
    const [role] = (await api("GET", "data/v9.2/roles?$filter=name eq 'Salesperson'&$select=roleid")).value;
    const seller = keyOf(await api("POST", "data/v9.2/systemusers", {
      firstname: "Sam", lastname: "Seller", internalemailaddress: SELLER,
      "businessunitid@odata.bind": `/businessunits(${unit.businessunitid})`,
    }));
    const roleLink = { "@odata.id": `${server.address}/api/data/v9.2/roles(${role.roleid})` };
    await api("POST", `data/v9.2/systemusers(${seller})/systemuserroles_association/$ref`, roleLink);
    const account = keyOf(await api("POST", "data/v9.2/accounts", { name: "Fabrikam", creditlimit: 4321 }));
    await api("PATCH", "customization/column/account/creditlimit", { secured: true });

    const sam = await openPage(browser, server, { signedIn: false });
    await sam.goto(new URL(server.run("user", "password-link", "--user", SELLER).trim()).pathname);
    await sam.getByLabel("New password").fill("slow purple ladder");
    await sam.getByLabel("The same again").fill("slow purple ladder");
    await sam.getByRole("button", { name: "Set password" }).click();
    await sam.waitForURL((url) => !url.pathname.startsWith("/password"));
    await sam.goto(`/accounts/${account}`);
    await sam.getByRole("tab", { name: "Details" }).click();
    const limit = sam.getByRole("group", { name: "Credit limit" });
    await limit.getByText("********").waitFor();
    assert.deepEqual(await axeFindings(sam), []);
    await picture(sam, "secured-column");

    await page.goto("/fieldsecurityprofiles");
    assert.deepEqual(await axeFindings(page), []);
    await page.goto("/fieldsecurityprofiles/new");
    await page.getByLabel("Name").fill("Credit control");
    await page.getByRole("toolbar", { name: "Commands" }).getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForURL(/\/fieldsecurityprofiles\/[0-9a-f-]{36}/);
    const profile = new URL(page.url()).pathname.split("/").pop();
    await page.getByRole("button", { name: "New column permission" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("combobox", { name: "Table", exact: true }).selectOption({ label: "Account" });
    await dialog.getByRole("textbox", { name: "Column", exact: true }).fill("creditlimit");
    await dialog.getByRole("combobox", { name: "Read", exact: true }).selectOption({ label: "Allowed" });
    assert.deepEqual(await axeFindings(page), []);
    await dialog.getByRole("button", { name: "Save", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    const person = { "@odata.id": `${server.address}/api/data/v9.2/systemusers(${seller})` };
    await api("POST", `data/v9.2/fieldsecurityprofiles(${profile})/systemuserprofiles_association/$ref`, person);
    await page.goto(`/fieldsecurityprofiles/${profile}`);
    await page.getByText("creditlimit").waitFor();
    await page.getByText("Sam Seller").waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await picture(page, "column-security-profile");

    await sam.reload();
    await sam.getByRole("tab", { name: "Details" }).click();
    await limit.getByText("4,321").waitFor();
    assert.deepEqual(await axeFindings(sam), []);
    assert.deepEqual(sam.faults, []);
    await sam.context().close();
  });
});
