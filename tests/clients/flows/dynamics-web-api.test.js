// npm dynamics-web-api, as its guide shows it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DynamicsWebApi } from "dynamics-web-api";
import { EMAIL, startServer } from "../../server.js";

describe("dynamics-web-api", () => {
  let server, client, account;

  before(async () => {
    server = await startServer({ leads: 40 });
    const token = server.run("token", "create", "--user", EMAIL).trim();
    client = new DynamicsWebApi({ serverUrl: server.address, dataApi: { version: "9.2" }, onTokenRefresh: async () => token });
  });
  after(() => server?.stop());

  test("creates, reads, changes, upserts and deletes a row", async () => {
    const made = await client.create({ collection: "accounts", data: { name: "Halden Robotics", telephone1: "+47 22 33 44 55" }, returnRepresentation: true });
    account = made.accountid;
    assert.equal(made.name, "Halden Robotics");
    const read = await client.retrieve({ collection: "accounts", key: account, select: ["name", "_ownerid_value"], includeAnnotations: "*" });
    assert.equal(read["_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"], "systemuser");
    assert.ok(read._ownerid_value_Formatted, "the owner's name");
    await client.update({ collection: "accounts", key: account, data: { name: "Halden Robotics AS" } });
    // What this client makes of 412.
    assert.equal(await client.update({ collection: "accounts", key: account, data: { name: "x" }, ifmatch: 'W/"1"' }), false);
    const other = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
    await client.upsert({ collection: "accounts", key: other, data: { name: "Upserted" } });
    assert.equal((await client.retrieve({ collection: "accounts", key: other, select: ["name"] })).name, "Upserted");
    await client.deleteRecord({ collection: "accounts", key: other });
    await assert.rejects(client.retrieve({ collection: "accounts", key: other }), { status: 404 });
  });

  test("says in Dataverse's words what is wrong", async () => {
    await assert.rejects(client.create({ collection: "accounts", data: { nonsense: 1 } }), (error) => {
      assert.equal(error.status, 400);
      assert.match(error.message, /nonsense/);
      return true;
    });
  });

  test("reads lists in pages, filtered, sorted, counted and expanded", async () => {
    const page = await client.retrieveMultiple({ collection: "leads", select: ["fullname"], orderBy: ["fullname"], maxPageSize: 15, count: true });
    assert.equal(page.value.length, 15);
    assert.equal(page.oDataCount, 40);
    const next = await client.retrieveMultiple({ collection: "leads", maxPageSize: 15 }, page.oDataNextLink);
    assert.equal(next.value.length, 15);
    assert.ok(next.value[0].fullname >= page.value[14].fullname);
    const all = await client.retrieveAll({ collection: "leads", select: ["fullname", "statecode"] });
    assert.equal(all.value.length, 40);
    const open = await client.retrieveMultiple({ collection: "leads", filter: "statecode eq 0", select: ["fullname"] });
    assert.equal(open.value.length, all.value.filter(({ statecode }) => statecode === 0).length);
    const [deal] = (await client.retrieveMultiple({ collection: "opportunities", top: 1, select: ["name"], expand: [{ property: "customerid_account", select: ["name"] }] })).value;
    assert.ok("customerid_account" in deal);
    assert.equal(await client.count({ collection: "leads" }), 40);
  });

  test("links rows and takes the links away", async () => {
    const contact = await client.create({ collection: "contacts", data: { lastname: "Berg", "parentcustomerid_account@odata.bind": `/accounts(${account})` } });
    await client.associateSingleValued({ collection: "accounts", primaryKey: account, navigationProperty: "primarycontactid", relatedCollection: "contacts", relatedKey: contact });
    const linked = await client.retrieve({ collection: "accounts", key: account, select: ["name"], expand: [{ property: "primarycontactid", select: ["lastname"] }] });
    assert.equal(linked.primarycontactid.lastname, "Berg");
    await client.disassociateSingleValued({ collection: "accounts", primaryKey: account, navigationProperty: "primarycontactid" });
    const alone = await client.retrieve({ collection: "accounts", key: account, select: ["name"], expand: [{ property: "primarycontactid", select: ["lastname"] }] });
    assert.equal(alone.primarycontactid, null);
  });

  test("qualifies a lead and calls functions", async () => {
    const me = await client.callFunction({ name: "WhoAmI" });
    assert.match(me.UserId, /^[0-9a-f-]{36}$/);
    const lead = await client.create({ collection: "leads", data: { subject: "Cells for hall 3", lastname: "Nilsen", companyname: "Nilsen Foods" } });
    const made = await client.callAction({ collection: "leads", key: lead, actionName: "Microsoft.Dynamics.CRM.QualifyLead", action: { CreateAccount: true, CreateContact: true, CreateOpportunity: true, Status: 3 } });
    assert.deepEqual(made.value.map((item) => item["@odata.type"].split(".").at(-1)).sort(), ["account", "contact", "opportunity"]);
  });

  test("sends many requests as one, with a change set whose parts refer to each other", async () => {
    client.startBatch();
    client.retrieveMultiple({ collection: "accounts", select: ["name"], top: 1 });
    client.create({ collection: "accounts", data: { name: "Batched" }, contentId: "1" });
    client.create({ collection: "contacts", data: { lastname: "Batch", "parentcustomerid_account@odata.bind": "$1" }, contentId: "2" });
    client.count({ collection: "leads" });
    const [rows, made, , count] = await client.executeBatch();
    assert.equal(rows.value.length, 1);
    assert.match(made, /^[0-9a-f-]{36}$/);
    assert.ok(count >= 40);
    const { value } = await client.retrieveMultiple({ collection: "contacts", select: ["_parentcustomerid_value"], filter: "lastname eq 'Batch'" });
    assert.equal(value[0]._parentcustomerid_value, made);
  });

  test("asks with an address that is longer than addresses may be", async () => {
    const filter = Array.from({ length: 120 }, (_, number) => `name eq 'Account number ${number}'`).join(" or ");
    assert.deepEqual((await client.retrieveMultiple({ collection: "accounts", select: ["name"], filter })).value, []);
  });

  test("reads the definitions of tables, columns and relationships", async () => {
    const tables = await client.retrieveEntities({ select: ["LogicalName", "EntitySetName"], filter: "LogicalName eq 'lead' or LogicalName eq 'account'" });
    assert.deepEqual(tables.value.map(({ EntitySetName }) => EntitySetName).sort(), ["accounts", "leads"]);
    const lead = await client.retrieveEntity({ key: "LogicalName='lead'", select: ["PrimaryIdAttribute", "MetadataId"] });
    assert.equal(lead.PrimaryIdAttribute, "leadid");
    const choices = await client.retrieveAttributes({ entityKey: lead.MetadataId, castType: "Microsoft.Dynamics.CRM.PicklistAttributeMetadata", select: ["LogicalName"], expand: [{ property: "OptionSet" }] });
    const source = choices.value.find(({ LogicalName }) => LogicalName === "leadsourcecode");
    assert.ok(source.OptionSet.Options.some(({ Label }) => Label.UserLocalizedLabel.Label === "Web"));
    const relationships = await client.retrieveRelationships({ castType: "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata", select: ["SchemaName"], filter: "ReferencedEntity eq 'account'" });
    assert.ok(relationships.value.some(({ SchemaName }) => SchemaName === "opportunity_customer_accounts"));
  });

  test("signs in as a program of its own and writes in somebody's name", async () => {
    const id = server.run("program", "add", "--name", "Web site", "--role", "Delegate", "--role", "Salesperson").trim();
    const secret = server.run("program", "secret", id).trim();
    const onTokenRefresh = async () => {
      const form = { grant_type: "client_credentials", client_id: id, client_secret: secret, scope: `${server.address}/.default` };
      const answer = await fetch(`${server.address}/oauth2/token`, { method: "POST", body: new URLSearchParams(form) });
      return (await answer.json()).access_token;
    };
    const others = `applicationid eq null and internalemailaddress ne '${EMAIL}'`;
    const [seller] = (await client.retrieveMultiple({ collection: "systemusers", select: ["fullname"], filter: others, top: 1 })).value;
    const site = new DynamicsWebApi({ serverUrl: server.address, dataApi: { version: "9.2" }, onTokenRefresh, impersonate: seller.systemuserid });
    const lead = await site.create({ collection: "leads", data: { subject: "From the web site", lastname: "Nilsen" }, returnRepresentation: true });
    assert.equal(lead._createdby_value, seller.systemuserid);
    const own = await client.retrieve({ collection: "systemusers", key: lead._createdonbehalfby_value, select: ["fullname", "applicationid"] });
    assert.deepEqual([own.fullname, own.applicationid], ["Web site", id]);
    await assert.rejects(site.update({ collection: "systemusers", key: seller.systemuserid, data: { domainname: "boss" } }), { status: 403 });
  });

  test("writes names of tables in place of their sets", async () => {
    const token = server.run("token", "create", "--user", EMAIL).trim();
    const named = new DynamicsWebApi({ serverUrl: server.address, useEntityNames: true, dataApi: { version: "9.2" }, onTokenRefresh: async () => token });
    assert.equal((await named.retrieve({ collection: "account", key: account, select: ["name"] })).name, "Halden Robotics AS");
  });
});
