// The examples of the integrator's guide, as they stand there.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { EMAIL, requirePart, startServer } from "../../server.js";

const root = path.resolve(import.meta.dirname, "../../..");
const guide = readFileSync(path.join(root, "docs/integrating.md"), "utf8");
const python = path.join(root, "target/clients/bin/python");

/** All examples in a language, one after the other. */
function examples(language) {
  const found = [...guide.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, name]) => name === language);
  assert.ok(found.length > 0, `there is an example in ${language}`);
  return found.map(([, , code]) => code).join("\n");
}

describe("the integrator's guide", () => {
  let server, env, folder;

  before(async () => {
    requirePart(python, "run `make test-clients`");
    server = await startServer({ leads: 20 });
    folder = mkdtempSync(path.join(os.tmpdir(), "pipewright-guide-"));
    env = { ...process.env, PIPEWRIGHT: server.address, TOKEN: server.run("token", "create", "--user", EMAIL).trim() };
  });
  after(async () => {
    await server?.stop();
    if (folder) rmSync(folder, { recursive: true });
  });

  function run(command, args, options = {}) {
    const { status, stdout, stderr } = spawnSync(command, args, { env, cwd: folder, encoding: "utf8", ...options });
    assert.equal(status, 0, `${stdout}\n${stderr}`);
    return stdout;
  }

  test("with curl", () => {
    const told = run("sh", ["-eu"], { input: examples("sh") });
    assert.match(told, /"EntitySetName":"leads"/);
    assert.match(told, /"companyname":"Halden Foods"/);
    assert.match(told, /0x80060882/, "the second change over the same version is refused");
    assert.match(told, /Microsoft\.Dynamics\.CRM\.opportunity/);
    assert.match(told, /"deal\.estimatedvalue"/);
  });

  test("in JavaScript", () => {
    // The client is installed beside this test.
    const told = run("node", ["--input-type=module"], { input: examples("js"), cwd: import.meta.dirname });
    assert.match(told, /^\d+ open deals$/m);
  });

  test("in Python", () => {
    assert.equal(run(python, ["-"], { input: examples("python") }).trim(), "100 foundries");
  });

  test("in C#", () => {
    requirePart("/usr/bin/mcs", "run `sudo apt-get install mono-mcs`");
    requirePart("/usr/lib/mono/4.5/System.Net.Http.dll", "run `sudo apt-get install libmono-system-net-http4.0-cil`");
    requirePart("/usr/lib/cli/Newtonsoft.Json-5.0/Newtonsoft.Json.dll", "run `sudo apt-get install libnewtonsoft-json5.0-cil`");
    writeFileSync(path.join(folder, "Program.cs"), examples("csharp"));
    const told = run("sh", ["-eu"], { input: examples("console") }).trim().split("\n");
    assert.deepEqual(told.slice(0, 3), ["4", "5", "6"].map((hall) => `Palletising for hall ${hall}`), "two pages in order");
    assert.match(told[3], /^Refused: 412 this lead was changed by somebody else/, "what the server says of the second change is shown");
    assert.equal(told.length, 4);
  });
});
