// Reads every file of a folder with Mermaid's own parser; fails if it refuses one.
// Run where the npm packages `mermaid` and `jsdom` are installed.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(path.join(process.cwd(), "x.js"));
const { JSDOM } = require("jsdom");
const { window } = new JSDOM("");
globalThis.window = window;
globalThis.document = window.document;
const entry = path.join(process.cwd(), "node_modules/mermaid/dist/mermaid.esm.min.mjs");
const { default: mermaid } = await import(pathToFileURL(entry).href);

const dir = process.argv[2];
const files = fs.readdirSync(dir).sort();
let refused = 0;
for (const file of files) {
  try {
    await mermaid.parse(fs.readFileSync(path.join(dir, file), "utf8"));
  } catch (error) {
    refused += 1;
    console.error(file, String(error.message).slice(0, 300));
  }
}
console.log(`${files.length} diagrams, ${refused} that Mermaid refuses`);
process.exit(refused > 0 || files.length === 0 ? 1 : 0);
