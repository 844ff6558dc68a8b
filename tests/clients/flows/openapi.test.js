// openapi.json: valid by the schemas of OpenAPI (PyPI openapi-spec-validator), and held against the server by
// schemathesis (PyPI), which makes requests of it, sound ones and bent ones, and compares the answers.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { EMAIL, requirePart, startServer } from "../../server.js";

const here = import.meta.dirname;
const programs = path.resolve(here, "../../../target/clients/bin");
/** Tables of different kinds: rows with states, parts of rows, activities, notes. */
const TABLES = "lead,opportunity,opportunityproduct,task,annotation";
const CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
/** Keys that requests name, beside those that are made up. */
const KEYS = { leads: "leadid", opportunities: "opportunityid", tasks: "activityid", annotations: "annotationid" };
const SECONDS = Number(process.env.SCHEMATHESIS_SECONDS ?? 90);
const SEED = process.env.SCHEMATHESIS_SEED ?? "1";

describe("openapi.json", () => {
  let server, token;

  before(async () => {
    requirePart(path.join(programs, "schemathesis"), "run `make test-clients`");
    server = await startServer({ leads: 5 });
    token = server.run("token", "create", "--user", EMAIL).trim();
  });
  after(() => server?.stop());

  const read = async (query) => {
    const answer = await fetch(`${server.address}/api/data/v9.2/${query}`, { headers: { Authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 200, query);
    return answer.json();
  };
  const validated = (document) =>
    spawnSync(path.join(programs, "python"), [path.join(here, "described.py")], { encoding: "utf8", input: JSON.stringify(document) });

  test("is valid by the schemas of OpenAPI 3.1", async () => {
    const document = await read(`openapi.json?tables=${TABLES}`);
    const { status, stderr } = validated(document);
    assert.equal(status, 0, stderr);
    const small = await read("openapi.json?tables=lead");
    small.components.schemas.lead.type = "thing";
    assert.notEqual(validated(small).status, 0);
  });

  test("says what the server does, and no request of it makes the server fail", async (context) => {
    const keys = ["[parameters]"];
    for (const [set, key] of Object.entries(KEYS)) {
      const open = set === "annotations" ? "" : "&$filter=statecode eq 0";
      const { value } = await read(`${set}?$select=${key}&$top=1${open}`);
      if (value.length) keys.push(`"path.${key}" = "${value[0][key]}"`);
    }
    const config = path.join(server.folder, "schemathesis.toml");
    writeFileSync(config, `${keys.join("\n")}\n`);
    const whole = path.join(server.folder, "openapi.json");
    const document = await read(`openapi.json?tables=${TABLES}`);
    writeFileSync(whole, JSON.stringify(document));
    const plain = path.join(server.folder, "plain.json");
    writeFileSync(plain, JSON.stringify(withoutFreeText(document)));
    // Rows are deleted last: the requests before are about them.
    const runs = [
      [plain, SECONDS * 0.5, "--exclude-operation-id-regex", "^delete_"],
      [whole, SECONDS * 0.4, "--exclude-operation-id-regex", "^delete_"],
      [whole, SECONDS * 0.1, "--include-operation-id-regex", "^delete_"],
    ];
    for (const [file, seconds, ...which] of runs) {
      const { code, told } = await run(config, file, Math.ceil(seconds), which);
      context.diagnostic(told.match(/\d+ generated.*/)?.[0] ?? "nothing was tried");
      assert.equal(code, 0, `${told.slice(0, 20_000)}\n${server.log().slice(-4_000)}`);
      assert.match(told, /[1-9]\d* generated/);
    }
    assert.doesNotMatch(server.log(), /a Web API request failed|panicked/);
  });

  /**
   * The document without what is a language of its own, names somebody else or other rows: made up, that is
   * refused, and the request comes no further.
   */
  function withoutFreeText(document) {
    const copy = structuredClone(document);
    const left = /^#\/components\/parameters\/(filter|apply|skiptoken|deltatoken|fetchxml|savedquery|userquery|caller|select|expand|orderby|if-match)$/;
    for (const call of Object.values(copy.paths).flatMap((item) => Object.values(item))) {
      call.parameters = call.parameters?.filter((one) => !left.test(one.$ref ?? ""));
    }
    for (const [name, schema] of Object.entries(copy.components.schemas)) {
      if (!/\.(create|change)$/.test(name)) continue;
      schema.properties = Object.fromEntries(Object.entries(schema.properties).filter(([, told]) => !told.writeOnly));
    }
    return copy;
  }

  function run(config, file, seconds, which) {
    const args = ["--config-file", config, "run", file, "--url", server.address, ...which];
    const options = ["-H", `Authorization: Bearer ${token}`, "-c", CHECKS, "--phases", "coverage,fuzzing", "--max-time", String(seconds)];
    const more = ["-n", "10", "--seed", SEED, "--no-color", "--continue-on-failure", "--generation-database", "none", "--suppress-health-check", "all"];
    const child = spawn(path.join(programs, "schemathesis"), [...args, ...options, ...more], { cwd: server.folder });
    let told = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (told += data));
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => resolve({ code, told }));
    });
  }
});
