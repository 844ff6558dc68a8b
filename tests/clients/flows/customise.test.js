// Clients make tables, columns, relationships, keys and choices of their own: npm dynamics-web-api here, PyPI
// dataverse-api in customise.py.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { DynamicsWebApi } from "dynamics-web-api";
import { EMAIL, requirePart, startServer } from "../../server.js";

const python = path.resolve(import.meta.dirname, "../../../target/clients/bin/python");
const label = (text) => ({ "@odata.type": "Microsoft.Dynamics.CRM.Label", LocalizedLabels: [{ "@odata.type": "Microsoft.Dynamics.CRM.LocalizedLabel", Label: text, LanguageCode: 1033 }] });
const column = (kind, SchemaName, more = {}) => ({ "@odata.type": `Microsoft.Dynamics.CRM.${kind}AttributeMetadata`, SchemaName, DisplayName: label(SchemaName), RequiredLevel: { Value: "None" }, ...more });

describe("customising by clients", () => {
  let server, token, client, table;

  before(async () => {
    server = await startServer({ leads: 5 });
    token = server.run("token", "create", "--user", EMAIL).trim();
    client = new DynamicsWebApi({ serverUrl: server.address, dataApi: { version: "9.2" }, onTokenRefresh: async () => token });
  });
  after(() => server?.stop());

  test("dynamics-web-api makes a table and its columns, and uses them", async () => {
    table = await client.createEntity({
      data: {
        "@odata.type": "Microsoft.Dynamics.CRM.EntityMetadata",
        SchemaName: "shop_Order",
        DisplayName: label("Shop order"),
        DisplayCollectionName: label("Shop orders"),
        OwnershipType: "UserOwned",
        HasActivities: false,
        HasNotes: true,
        Attributes: [column("String", "shop_Number", { IsPrimaryName: true, MaxLength: 40, FormatName: { Value: "Text" } })],
      },
    });
    assert.match(table, /^[0-9a-f-]{36}$/);
    const made = await client.createAttribute({ entityKey: table, data: column("Picklist", "shop_Channel", { OptionSet: { IsGlobal: false, OptionSetType: "Picklist", Options: [{ Value: 1, Label: label("Web") }, { Value: 2, Label: label("Store") }] } }) });
    assert.match(made, /^[0-9a-f-]{36}$/);
    const shown = await client.createAttribute({ entityKey: "LogicalName='shop_order'", data: column("Money", "shop_Total", { PrecisionSource: 2 }), returnRepresentation: true });
    assert.equal(shown.LogicalName, "shop_total");
    await client.create({ collection: "shop_orders", data: { shop_number: "1001", shop_channel: 2, shop_total: 99.5 } });
    const { value } = await client.retrieveMultiple({ collection: "shop_orders", select: ["shop_number", "shop_channel"], includeAnnotations: "*" });
    assert.equal(value[0].shop_channel_Formatted, "Store");
  });

  test("dynamics-web-api changes what it read", async () => {
    const entity = await client.retrieveEntity({ key: table });
    entity.DisplayName.LocalizedLabels[0].Label = "Order of the shop";
    await client.updateEntity({ data: entity, mergeLabels: true });
    assert.equal((await client.retrieveEntity({ key: table })).DisplayName.UserLocalizedLabel.Label, "Order of the shop");
    const castType = "Microsoft.Dynamics.CRM.StringAttributeMetadata";
    const number = await client.retrieveAttribute({ entityKey: table, attributeKey: "LogicalName='shop_number'", castType });
    number.MaxLength = 60;
    number.RequiredLevel.Value = "ApplicationRequired";
    await client.updateAttribute({ entityKey: table, data: number, castType });
    const changed = await client.retrieveAttribute({ entityKey: table, attributeKey: number.MetadataId, castType });
    assert.deepEqual([changed.MaxLength, changed.RequiredLevel.Value], [60, "ApplicationRequired"]);
  });

  test("dynamics-web-api makes relationships and choices and deletes them", async () => {
    const relationship = await client.createRelationship({
      data: {
        "@odata.type": "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata",
        SchemaName: "shop_account_orders",
        ReferencedEntity: "account",
        ReferencedAttribute: "accountid",
        ReferencingEntity: "shop_order",
        CascadeConfiguration: { Assign: "NoCascade", Delete: "RemoveLink", Merge: "NoCascade", Reparent: "NoCascade", Share: "NoCascade", Unshare: "NoCascade" },
        Lookup: column("Lookup", "shop_AccountId", { AttributeType: "Lookup", AttributeTypeName: { Value: "LookupType" } }),
      },
    });
    const account = await client.create({ collection: "accounts", data: { name: "Halden Robotics" } });
    await client.create({ collection: "shop_orders", data: { shop_number: "1002", "shop_AccountId@odata.bind": `/accounts(${account})` } });
    const { value } = await client.retrieveMultiple({ collection: "accounts", filter: `accountid eq ${account}`, select: ["name"], expand: [{ property: "shop_account_orders", select: ["shop_number"] }] });
    assert.equal(value[0].shop_account_orders[0].shop_number, "1002");
    const castType = "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata";
    const whole = await client.retrieveRelationship({ key: relationship, castType });
    whole.CascadeConfiguration.Delete = "Cascade";
    await client.updateRelationship({ data: whole, castType });
    assert.equal((await client.retrieveRelationship({ key: relationship, castType })).CascadeConfiguration.Delete, "Cascade");

    const set = await client.createGlobalOptionSet({ data: { "@odata.type": "Microsoft.Dynamics.CRM.OptionSetMetadata", Name: "shop_sizes", DisplayName: label("Sizes"), IsGlobal: true, OptionSetType: "Picklist", Options: [{ Value: 1, Label: label("S") }] } });
    await client.createAttribute({ entityKey: table, data: column("Picklist", "shop_Size", { "GlobalOptionSet@odata.bind": `/GlobalOptionSetDefinitions(${set})` }) });
    const added = await client.callAction({ actionName: "InsertOptionValue", action: { OptionSetName: "shop_sizes", Label: label("M") } });
    assert.equal(added.NewOptionValue, 2);
    const told = await client.retrieveGlobalOptionSet({ key: set, castType: "Microsoft.Dynamics.CRM.OptionSetMetadata" });
    assert.deepEqual(told.Options.map(({ Value }) => Value), [1, 2]);
    await client.callAction({ actionName: "PublishAllXml" });
    await assert.rejects(client.deleteGlobalOptionSet({ key: set }), (error) => {
      assert.equal(error.status, 400);
      assert.match(error.message, /shop_order\.shop_size/);
      return true;
    });
    await client.deleteRelationship({ key: relationship });
    await assert.rejects(client.retrieveRelationship({ key: relationship }), { status: 404 });
  });

  test("dataverse-api makes, changes and deletes a table", () => {
    requirePart(python, "run `make test-clients`");
    const { status, stderr } = spawnSync(python, [path.join(import.meta.dirname, "customise.py"), server.address, token], { encoding: "utf8" });
    process.stderr.write(stderr);
    assert.equal(status, 0, stderr);
  });
});
