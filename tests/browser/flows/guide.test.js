// The pictures of the guides are made by these flows: `make pictures` takes them over.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { documents, named } from "../named.js";

describe("the guides", () => {
  test("show pictures that a flow makes, and keep no other", () => {
    const flows = readdirSync(import.meta.dirname).map((file) => readFileSync(path.join(import.meta.dirname, file), "utf8"));
    const made = new Set(flows.flatMap((flow) => [...flow.matchAll(/picture\(\w+, "([\w-]+)"/g)].map(([, name]) => name)));
    const kept = readdirSync(path.join(documents, "pictures")).map((file) => path.basename(file, ".png"));
    assert.deepEqual(named().filter((name) => !made.has(name)), [], "no flow makes them");
    assert.deepEqual(kept.filter((name) => !named().includes(name)), [], "no guide shows them");
    assert.deepEqual(named().filter((name) => !kept.includes(name)), [], "not in docs/pictures: run make pictures");
  });
});
