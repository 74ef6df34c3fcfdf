/**
 * What `read-by-ruby.rb` reads, as JSON. To make the answers of another Ruby, or of further texts:
 * `node test/unit/kamal/for-ruby.ts | ruby test/unit/kamal/read-by-ruby.rb > answers.json`, then in the place of read-by-ruby.json.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { fileOf } from "../../../kamal/files/read.ts";
import { CONFIGS, surroundings } from "./corpus.ts";

const Known = z.object({
  scalars: z.array(z.tuple([z.string(), z.string(), z.string()])),
  templates: z.array(z.object({ template: z.string() })),
});
const known = Known.parse(JSON.parse(readFileSync(join(import.meta.dirname, "read-by-ruby.json"), "utf8")));

const configs = CONFIGS.map(([folder, destination]) => {
  const around = surroundings(folder);
  const files = [undefined, ...(destination === undefined ? [] : [destination])].map((name) => fileOf("config/deploy.yml", name));
  return {
    name: [folder, ...(destination === undefined ? [] : [destination])].join("/"),
    env: { ...around.env, ...(destination === undefined ? {} : { KAMAL_DESTINATION: destination }) },
    texts: files.map((file) => around.readFile(file)),
  };
});
console.info(
  JSON.stringify({
    scalars: known.scalars.map(([text]) => text),
    templates: known.templates.map(({ template }) => template),
    configs,
  }),
);
