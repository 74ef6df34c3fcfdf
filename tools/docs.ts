/**
 * `npm run docs`: writes docs/configuration.md, config/slipway.schema.json and the arguments of components from the schema, docs/errors.md from
 * the codes, docs/kamal-keys.md from the rules of the import, docs/workflows.md from what `slipway init` writes, and docs/api.md from docs/api.d.ts.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { EXIT_CODES } from "../cli/exit-codes.ts";
import { fallbackOf, keysBelow, kindOf, namedBelow } from "../config/documentation.ts";
import { type JsonSchema, rootSchemas, stackFileSchema } from "../config/json-schema.ts";
import { REQUIRED } from "../config/root.ts";
import { ERRORS } from "../core/error-codes.ts";
import { apiPage } from "./api/page.ts";
import { argumentFiles } from "./args.ts";
import { kamalKeysPage } from "./kamal-keys.ts";
import { workflowsPage } from "./workflows.ts";

/** Path in the repository → content. */
export function generatedFiles(): Record<string, string> {
  return {
    "docs/configuration.md": configurationPage(),
    "docs/errors.md": errorsPage(),
    "docs/kamal-keys.md": kamalKeysPage(),
    "docs/workflows.md": workflowsPage(),
    "docs/api.md": apiPage(readFileSync(new URL("../docs/api.d.ts", import.meta.url), "utf8")),
    ...argumentFiles(),
    "config/slipway.schema.json": `${JSON.stringify(stackFileSchema(), null, 2)}\n`,
  };
}

const INTRODUCTION = `# Configuration

A stack is one file, \`stacks/Pulumi.<stack>.yaml\`; Slipway reads the keys under \`config:\` with the prefix \`slipway:\`.
Start from [\`stacks/Pulumi.example.yaml\`](../stacks/Pulumi.example.yaml). The keys are named as in Kamal.

- Everything is checked before any host is contacted, and all problems are reported at once, each with its path.
- Unknown keys are refused. Other namespaces (\`hcloud:…\`) are left alone.
- Settings that are numbers or booleans have no quotes: \`app_port: 3000\`. Times are in seconds, sizes in bytes unless they have a unit.
- Variables, labels, versions and names are texts: write them in quotes if they look like a number, a date or a boolean. Without quotes YAML
  reads \`1.10\` as 1.1, \`0644\` as 420 and \`2024-01-31\` as a time. What would not reach the container as it is written is refused.
- A variable and its name have at most 128 KiB, as Linux demands, and no null characters.
- Blanks around a secret are refused, since they are mostly a mistake. A value that needs them is set with
  \`pulumi config set --secret --path 'slipway:env.clear.NAME' -- '  value'\`, which makes the whole \`env\` secret.
- Secrets are encrypted in this file: \`pulumi config set --secret --path 'slipway:secrets.NAME'\`. A secret in
  plain text is refused, and so is one in a key that previews show. Pulumi only reports that a key contains a secret *somewhere*:
  a plain value next to an encrypted one under the same key is not noticed.

This page is generated from the schema by \`node tools/docs.ts\`.
`;

function configurationPage(): string {
  const schemas = Object.entries(rootSchemas());
  return `${[INTRODUCTION, ...schemas.map(([key, schema]) => chapter(key, schema))].join("\n")}`;
}

function chapter(key: string, schema: JsonSchema): string {
  const necessity = REQUIRED.some((name) => name === key) ? " **Required.**" : "";
  const example = stringify({ [`slipway:${key}`]: schema.examples?.[0] }).trimEnd();
  const fallback = fallbackOf(schema);
  const facts = [
    `Takes ${kindOf(schema)}.`,
    ...(fallback === undefined ? [] : [`Default: ${fallback}.`]),
    ...refusalOf(schema),
  ].join(" ");
  return `## slipway:${key}\n\n${schema.description ?? ""}${necessity}\n${facts}\n\n\`\`\`yaml\n${example}\n\`\`\`\n${table(schema, namedBelow(key))}`;
}

const refusalOf = ({ refused }: JsonSchema): string[] => (refused === undefined ? [] : [`Refused: ${refused}.`]);

function table(schema: JsonSchema, named: string): string {
  const rows = [...keysBelow(schema, "", named)];
  if (rows.length === 0) return "";
  const lines = rows.map(([path, inner]) => {
    const meaning = [inner.description ?? "", ...refusalOf(inner)].join(" ");
    const cells = [
      `\`${path}\``,
      kindOf(inner),
      fallbackOf(inner) ?? "",
      meaning,
      `\`${JSON.stringify(inner.examples?.[0] ?? "")}\``,
    ];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return `\n| key | takes | default | meaning | example |\n|---|---|---|---|---|\n${lines.join("\n")}\n`;
}

const ERRORS_INTRODUCTION = `# Errors

Every error has a code that never changes. The commands print it in front, \`error[HOST_UNREACHABLE]: web-1: …\`; Pulumi prints it as the
last line of the message, \`code: HOST_UNREACHABLE\`; a command with \`--json\` that fails prints
\`{"schema": 1, "error": {"code": "HOST_UNREACHABLE", "what": …, "evidence": […], "servesNow": …, "next": …}}\`.

The error itself has the evidence, what serves now and the next command for your case. This page says what the code means in general.

This page is generated from \`core/error-codes.ts\` and \`cli/exit-codes.ts\` by \`node tools/docs.ts\`.
`;

/** One row for each command. */
function exitCodes(): string {
  const codes = [...new Set(Object.values(EXIT_CODES).flatMap(Object.keys))].map(Number).sort((a, b) => a - b);
  const rows = Object.entries(EXIT_CODES).map(
    ([command, meanings]) => `| \`${command}\` | ${codes.map((code) => meanings[code] ?? "").join(" | ")} |`,
  );
  return [
    "## Exit codes\n",
    "A wrong command line ends with 2, whatever the command; `pulumi` passes it on. What `--json` prints has a version of its shape, `schema`; in a list, each entry has it.\n",
    `| command | ${codes.join(" | ")} |`,
    `|---|${codes.map(() => "---|").join("")}`,
    ...rows,
    "",
  ].join("\n");
}

function errorsPage(): string {
  const chapters = Object.entries(ERRORS).map(
    ([code, { cause, look, next }]) => `## ${code}\n\n${cause}\n\n- **Look at**: ${look}\n- **Next**: ${next}\n`,
  );
  return [ERRORS_INTRODUCTION, exitCodes(), ...chapters].join("\n");
}

if (import.meta.main) {
  for (const [path, content] of Object.entries(generatedFiles())) {
    writeFileSync(new URL(`../${path}`, import.meta.url), content);
    console.info(`wrote ${path}`);
  }
}
