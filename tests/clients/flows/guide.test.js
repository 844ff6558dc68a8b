// The examples of the integrator's guide, as they stand there.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
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
});
