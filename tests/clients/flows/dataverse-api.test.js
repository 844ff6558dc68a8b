// PyPI dataverse-api: its own flows, run by Python.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { EMAIL, requirePart, startServer } from "../../server.js";

const python = path.resolve(import.meta.dirname, "../../../target/clients/bin/python");

test("dataverse-api", async () => {
  requirePart(python, "run `make test-clients`");
  const server = await startServer({ leads: 5 });
  try {
    const token = server.run("token", "create", "--user", EMAIL).trim();
    const { status, stderr } = spawnSync(python, [path.join(import.meta.dirname, "accounts.py"), server.address, token], { encoding: "utf8" });
    process.stderr.write(stderr);
    assert.equal(status, 0, stderr);
  } finally {
    await server.stop();
  }
});
