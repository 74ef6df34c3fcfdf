/** docs/api.md: what the package exports, for people to read. Made from docs/api.d.ts, so that it says what the compiler knows. */
import { type Chapter, chaptersOf, NAMES } from "./chapters.ts";
import { type Declaration, declarationsOf, type Field, type Method } from "./declarations.ts";
import { table } from "./table.ts";

const INTRODUCTION = `# API

What the package exports, with the arguments of each resource: type, default, what is refused, and an example. [programs.md](programs.md) shows
how they are used together; [api.d.ts](api.d.ts) has the same as TypeScript.

- \`Input<string>\` is a text or an output of another resource, \`Output<string>\` an output. Every argument that is not **required** may be left out.
- Times are in seconds, sizes in bytes unless they have a unit.
- What an argument is called in a stack's file is in [configuration.md](configuration.md): \`appPort\` is \`app_port\` there.

This page is generated from docs/api.d.ts by \`node tools/docs.ts\`.
`;

/** @param types the content of docs/api.d.ts */
export function apiPage(types: string): string {
  const declarations = declarationsOf(types);
  const all = new Map(declarations.map((one) => [one.name, one]));
  const chapters = chaptersOf(all);
  return [INTRODUCTION, contents(chapters), ...chapters.map((chapter) => chapterText(chapter, all))].join("\n");
}

function contents(chapters: readonly Chapter[]): string {
  const link = ({ name }: Declaration): string => `[${name}](#${name.toLowerCase()})`;
  const lines = chapters.map(({ main, types }) => {
    const below = types.length === 0 ? "" : `  \n  ${types.map(link).join(", ")}`;
    const [beginning = ""] = main.comment.description.split(/[.:;](?: |$)/, 1);
    return `- **${link(main)}**: ${beginning}${below}\n`;
  });
  return lines.join("");
}

type All = ReadonlyMap<string, Declaration>;

const chapterText = ({ main, types }: Chapter, all: All): string =>
  [section(main, "##", all), ...types.map((type) => section(type, "###", all))].join("\n");

function section(declaration: Declaration, level: "##" | "###", all: All): string {
  const { name, comment } = declaration;
  const parts = [`${level} ${name}`, meaningOf(comment.description), ...body(declaration, all)].map((text) => text.trim());
  return `${parts.filter((text) => text !== "").join("\n\n")}\n`;
}

/** What has a key in a stack's file is documented there at more length. */
const meaningOf = (description: string): string =>
  description.replace(
    /^See `slipway:(?<root>\w+)(?<rest>[\w.]*)`\.$/,
    (_, root: string, rest: string) => `In a stack's file: [\`slipway:${root}${rest}\`](configuration.md#slipway${root}).`,
  );

function body(declaration: Declaration, all: All): string[] {
  const example = declaration.comment.example === undefined ? "" : code(declaration.comment.example);
  switch (declaration.kind) {
    case "class":
      return [
        code(declaration.signature),
        linksIn(declaration.signature.replace(declaration.name, ""), all),
        parametersOf(declaration),
        example,
        fieldsTable("output", declaration.fields, all),
        methodsTable(declaration.methods),
      ];
    case "interface":
      return [example, basesText(declaration.bases, all), fieldsTable(titleOf(declaration), declaration.fields, all)];
    case "alias":
      return [code(`type ${declaration.name} = ${declaration.type}`), linksIn(declaration.type, all), example];
    case "function":
      return [code(declaration.signature), linksIn(declaration.signature, all), example];
  }
}

const code = (text: string): string => `\`\`\`ts\n${text}\n\`\`\``;

const parametersOf = ({ comment }: Declaration): string =>
  Object.entries(comment.parameters)
    .map(([parameter, meaning]) => `- \`${parameter}\`: ${meaning}`)
    .join("\n");

/** A block of code has no links. */
function linksIn(text: string, all: All): string {
  const names = [...new Set(text.match(NAMES) ?? [])].filter((name) => all.has(name));
  return names.length === 0 ? "" : `Types: ${names.map((name) => linked(name, all)).join(", ")}.`;
}

const basesText = (bases: readonly string[], all: All): string =>
  bases.length === 0 ? "" : `It has the arguments of ${bases.map((base) => linked(base, all)).join(" and ")} as well.`;

type Title = "argument" | "field" | "output";

function titleOf({ name, fields }: Extract<Declaration, { kind: "interface" }>): Title {
  if (fields.some(({ type }) => type.startsWith("Output<"))) return "output";
  return name.endsWith("Args") ? "argument" : "field";
}

function fieldsTable(title: Title, fields: readonly Field[], all: All): string {
  if (fields.length === 0) return "";
  return table({
    [title]: fields.map(({ name }) => `\`${name}\``),
    type: fields.map(({ type }) => linked(type, all)),
    default: fields.map(({ comment, optional }) => (title === "output" || optional ? literal(comment.fallback) : "**required**")),
    meaning: fields.map(({ comment }) => meaningAndRefusal(comment.description, comment.refused)),
    example: fields.map(({ comment }) => (comment.example === undefined ? "" : `\`${comment.example}\``)),
  });
}

const methodsTable = (methods: readonly Method[]): string =>
  methods.length === 0
    ? ""
    : table({
        method: methods.map((method) => `\`${method.signature}\``),
        meaning: methods.map(({ comment }) => comment.description),
      });

/** That it may not be missing is in the column of defaults. */
function meaningAndRefusal(description: string, refused = ""): string {
  const rest = refused.replace(/^missing(?:; |$)/, "");
  return `${description}${rest === "" ? "" : ` Refused: ${rest}.`}`.trim();
}

/** A default is code unless it is said in words. */
function literal(fallback: string | undefined): string {
  if (fallback === undefined) return "";
  try {
    JSON.parse(fallback);
    return `\`${fallback}\``;
  } catch {
    return fallback;
  }
}

/** As code in which the names of this page are links. */
function linked(type: string, all: All): string {
  const link = (name: string): string => (all.has(name) ? `[${name}](#${name.toLowerCase()})` : name);
  if (all.has(type)) return link(type);
  if (!(type.match(NAMES) ?? []).some((name) => all.has(name))) return `\`${type}\``;
  return `<code>${type.replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(NAMES, link)}</code>`;
}
