// $metadata: valid by the schemas of OASIS, understood by their own reader (npm odata-csdl) and by a client for
// any OData service (PyPI python-odata).

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { xml2json } from "odata-csdl";
import { EMAIL, requirePart, startServer } from "../../server.js";

const here = import.meta.dirname;
const python = path.resolve(here, "../../../target/clients/bin/python");
const schemas = path.join(path.dirname(createRequire(import.meta.url).resolve("odata-csdl/package.json")), "schemas");

describe("$metadata", () => {
  let server, token, document;

  before(async () => {
    requirePart(python, "run `make test-clients`");
    server = await startServer({ leads: 5 });
    token = server.run("token", "create", "--user", EMAIL).trim();
    document = await metadata();
  });
  after(() => server?.stop());

  async function metadata() {
    const answer = await fetch(`${server.address}/api/data/v9.2/$metadata`, { headers: { Authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 200);
    return answer.text();
  }

  function runs(script, args, input) {
    const { status, stderr } = spawnSync(python, [path.join(here, script), ...args], { encoding: "utf8", input });
    process.stderr.write(stderr);
    assert.equal(status, 0, stderr);
  }

  test("is valid by the schemas of OASIS", () => {
    runs("valid.py", [schemas], document);
    const bent = document.replace('Abstract="true"', 'Abstract="perhaps"');
    assert.notEqual(spawnSync(python, [path.join(here, "valid.py"), schemas], { input: bent }).status, 0);
  });

  test("is understood without complaint, with a column that was just added", async () => {
    const added = await fetch(`${server.address}/api/customization/column/lead/new_budgetyear`, {
      method: "PUT",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ label: "Budget year", type: "whole", min: 2000, max: 2999 }),
    });
    assert.equal(added.status, 200);
    const complaints = [];
    const model = xml2json(await metadata(), { strict: true, messages: complaints });
    assert.deepEqual(complaints, []);
    const types = model["Microsoft.Dynamics.CRM"];
    assert.equal(types.lead.new_budgetyear.$Type, "Edm.Int32");
    assert.equal(types.task.$BaseType, "mscrm.activitypointer");
    assert.equal(model.$EntityContainer, "Microsoft.Dynamics.CRM.System");
  });

  test("is enough for a client that knows nothing else", () => runs("reflected.py", [server.address, token]));
});
