// Reads the data set, and prints as JSON how many results of each kind every file has: `node read_vectors.mjs [FOLDER]`.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = process.argv[2] ?? fileURLToPath(new URL(".", import.meta.url));
const kinds = { boolean: "boolean", number: "integer", string: "text" };

function count(value, counts) {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const kind = isObject ? value.$t ?? "object" : Array.isArray(value) ? "array" : kinds[typeof value] ?? "null";
  counts[kind] = (counts[kind] ?? 0) + 1;
  if (kind === "array" || kind === "object") Object.values(value).forEach((item) => count(item, counts));
  return counts;
}

const found = {};
for (const { name, cases: expected, sha256 } of JSON.parse(readFileSync(`${folder}/index.json`)).files) {
  const bytes = readFileSync(`${folder}/${name}.json`);
  const { cases } = JSON.parse(bytes);
  if (createHash("sha256").update(bytes).digest("hex") !== sha256) throw new Error(`${name}: another digest`);
  if (cases.length !== expected) throw new Error(`${name}: ${cases.length} cases, not ${expected}`);
  found[name] = { cases: cases.length, error: 0 };
  for (const one of cases) {
    if ("error" in one) found[name].error += 1;
    if ("ok" in one) count(one.ok, found[name]);
  }
}
console.log(JSON.stringify(found));
