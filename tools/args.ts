/**
 * The arguments of components, as TypeScript: components/args.ts is generated from the schema of a stack's file, so that a typed program
 * and YAML take the same keys with the same documentation. Names are in camel case, and what need not be known while the program runs may be
 * an output of another resource.
 */
import { camelCase } from "../config/camel-case.ts";
import { isElsewhere } from "../config/elsewhere.ts";
import { OWN_KEYS } from "../config/hosts/hetzner-machine.ts";
import { isScalar, type JsonSchema, kindsOf, rootSchemas } from "../config/json-schema.ts";
import { mustBeKnown } from "../config/must-be-known.ts";
import { isMap } from "../core/values.ts";

/** A key whose absence is refused in any case. */
const REQUIRED = /^missing(?![^;]* without)/;

/** What is said of an argument. */
interface Documented {
  readonly description?: string;
  readonly default?: unknown;
  /** The default in words. */
  readonly otherwise?: string;
  readonly refused?: string | undefined;
}

/** How an argument differs from the key of a stack's file. What is left out is as there. */
interface InProgram extends Documented {
  readonly type?: string;
  /** As TypeScript. */
  readonly example?: string;
}

/** By path: a program has servers where YAML names hosts, and values where YAML names secrets. */
const IN_PROGRAM: Readonly<Record<string, InProgram>> = {
  service: {
    otherwise: "the name of the App",
    refused: "anything but letters, digits, - and _; names of containers above 63 characters for accessories, 110 for others",
  },
  servers: {
    type: "Servers | Readonly<Record<string, Servers | RoleArgs>>",
    description: "Where the app runs: servers (the role web), or a map of roles.",
    example: "[web1, web2]",
  },
  "servers.hosts": {
    type: "Servers",
    description: "Where it runs.",
    refused: "missing or empty without allowEmptyRoles",
    example: '[web1, { server: web2, tags: ["eu"] }]',
  },
  "servers.env": {
    type: "EnvArgs",
    description: "Environment over the app's, with the same keys except tags.",
  },
  accessories: {
    example: '{ db: { image: "postgres:16.4", host: db1, env: { secret: { POSTGRES_PASSWORD: password } } } }',
  },
  "accessories.host": { type: "Server", description: "The server it runs on.", example: "db1" },
  "accessories.hosts": { type: "Servers", description: "Several servers, each with its own data.", example: "[db1, db2]" },
  "accessories.env": {
    type: "EnvArgs",
    description: "Its environment, with the keys of the app's except tags. The app's own applies only to the app.",
    example: '{ clear: { POSTGRES_USER: "app", POSTGRES_DB: "shop" }, secret: { POSTGRES_PASSWORD: password } }',
  },
  "jobs.on_host": { type: "Server", description: "The server that runs it, one of the role's.", example: "jobs1" },
  env: {
    type: "RootEnvArgs",
    description:
      "Environment of all containers of the app: a map of values, or clear, secret and tags. Outputs of other resources are secret.",
    example: '{ LOG_LEVEL: "info", DATABASE_URL: db.connectionUri }',
  },
  secrets: {
    description: "Secret values by name, for lists of names in env and in logins.",
    refused: undefined,
    example: '{ REGISTRY_PASSWORD: config.requireSecret("registryPassword") }',
  },
  "accessories.files[].content": {
    description:
      "The content itself, instead of a file of the project. It may be an output, also a secret one: it is sealed in the state.",
    example: "settings.content",
  },
  "hetzner.labels": { description: "Labels at Hetzner, in addition to managed_by, project and stack." },
  "hetzner.volumes": {
    description: "Volumes of the machine, by name: the size in GB, or a map. Formatted with ext4 and mounted below /mnt.",
  },
  "hetzner.backups": { description: "Whether Hetzner backs up the machine." },
  "hetzner.image": { description: "Operating system of a new machine. A change does not affect an existing one." },
  "hetzner.primary_ip": { description: "Whether the address is kept when the machine is replaced." },
  "hetzner.protect": { description: "Whether Pulumi and Hetzner refuse to delete it." },
  "docker.settings": { type: "Readonly<Record<string, unknown>>" },
};

/** Names of interfaces that are not called after the last key of their path. */
const NAMES: Readonly<Record<string, string>> = {
  servers: "RoleArgs",
  accessories: "AccessoryArgs",
  jobs: "JobArgs",
  options: "ContainerOptionsArgs",
  "proxy.run": "ProxyRunArgs",
  // Its password is the name of a secret.
  "accessories.registry": "AccessoryRegistryArgs",
  "proxy.healthcheck": "RouteHealthcheckArgs",
  "proxy.logging": "RequestLoggingArgs",
  "accessories.healthcheck": "AccessoryHealthcheckArgs",
  release: "ReleaseCommandArgs",
  "firewall.allow": "OpeningArgs",
  "hetzner.volumes": "HetznerVolumeArgs",
};

const GENERATED = "/** Generated from the schema of a stack's file by `npm run docs`; do not edit. */";
const PULUMI = 'import type * as pulumi from "@pulumi/pulumi";';
const APP_HEAD = [
  GENERATED,
  PULUMI,
  'import type { Server } from "../server/server.ts";',
  'import type { EnvArgs, RootEnvArgs } from "./env-args.ts";',
  'import type { Servers } from "./servers.ts";',
];

/** Path in the repository → content. */
export const argumentFiles = (): Record<string, string> => ({
  "components/app/args.ts": argumentsOfApp(),
  "components/server/args.ts": argumentsOfServer(),
  "components/hetzner/args.ts": argumentsOfMachine(),
});

function argumentsOfApp(): string {
  const writer = new Writer((key) => !mustBeKnown(key));
  const schemas = rootSchemas();
  const ofApp = Object.entries(schemas).filter(([key]) => !isElsewhere(key));
  writer.declare("AppArgs", "An app: what a stack's file says of it.", Object.fromEntries(ofApp), []);
  writer.declare("RoleArgs", "A named group of servers that run one command of the app's image.", roleOf(schemas.servers ?? {}), [
    "servers",
  ]);
  return `${APP_HEAD.join("\n")}\n\n${writer.text}`;
}

/** They decide which resources a server has. */
function argumentsOfServer(): string {
  const writer = new Writer(() => false);
  const { docker = {}, firewall = {}, harden = {}, proxy } = rootSchemas();
  for (const [key, schema] of Object.entries({ docker, firewall, harden })) writer.typeOf(schema, [key]);
  writer.typeOf(proxy?.properties?.run ?? {}, ["proxy", "run"]);
  return `${GENERATED}\n\n${writer.text}`;
}

/** They decide which resources a machine has, and what they are. Networks and placement groups are shared, and made by the program. */
function argumentsOfMachine(): string {
  const writer = new Writer(() => false);
  const keys = Object.entries(rootSchemas().hetzner?.properties ?? {}).filter(([key]) => Object.hasOwn(OWN_KEYS, key));
  writer.declare("HetznerArgs", "See `slipway:hetzner`.", Object.fromEntries(keys), ["hetzner"]);
  return `${GENERATED}\n\n${writer.text}`;
}

/** The keys of a role, which YAML writes as a map beside the short forms. */
function roleOf({ anyOf = [], additionalProperties, properties }: JsonSchema): Record<string, JsonSchema> {
  if (properties !== undefined) return properties;
  const inner = [...anyOf, ...(typeof additionalProperties === "object" ? [additionalProperties] : [])].map(roleOf);
  return inner.find((keys) => Object.keys(keys).length > 0) ?? {};
}

/** Writes each interface once, whatever refers to it; two of one name have to be the same. */
class Writer {
  readonly #declared = new Map<string, string>();
  readonly #mayBeOutput: (key: string) => boolean;

  /** @param mayBeOutput whether the value of a key may be an output */
  constructor(mayBeOutput: (key: string) => boolean) {
    this.#mayBeOutput = mayBeOutput;
  }

  get text(): string {
    return [...this.#declared.values()].join("\n");
  }

  declare(name: string, meaning: string, properties: Record<string, JsonSchema>, path: readonly string[]): string {
    const earlier = this.#declared.get(name);
    // Its place is before those that it refers to.
    if (earlier === undefined) this.#declared.set(name, "");
    const fields = Object.entries(properties).flatMap(([key, schema]) => this.#field(schema, [...path, key]));
    const text = `export interface ${name} {\n${fields.join("\n")}\n}\n`;
    if (earlier === undefined) this.#declared.set(name, `/** ${meaning} */\n${text}`);
    else if (!earlier.endsWith(`*/\n${text}`))
      throw new Error(`${path.join(".")} is not the ${name} that there is: name it in NAMES`);
    return name;
  }

  typeOf(schema: JsonSchema, path: readonly string[]): string {
    const kinds = kindsOf(schema);
    const scalars = union(kinds.filter(isScalar).map(scalarType));
    const others = kinds.filter((kind) => !isScalar(kind)).map((kind) => this.#composite(kind, path));
    const scalar = scalars !== "" && this.#mayBeOutput(path.join(".")) ? `pulumi.Input<${scalars}>` : scalars;
    return union([scalar, ...others].filter((type) => type !== ""));
  }

  #composite({ items, properties, additionalProperties }: JsonSchema, path: readonly string[]): string {
    if (items !== undefined) return `readonly ${parenthesized(this.typeOf(items, itemOf(path)))}[]`;
    if (properties !== undefined)
      return this.declare(nameOf(path), `See \`slipway:${path.join(".").replaceAll("[]", "")}\`.`, properties, path);
    if (typeof additionalProperties === "object") return `Readonly<Record<string, ${this.typeOf(additionalProperties, path)}>>`;
    return "unknown";
  }

  #field(schema: JsonSchema, path: readonly string[]): string[] {
    const at = path.join(".");
    if (isElsewhere(at)) return [];
    const {
      type = this.typeOf(schema, path),
      example = literal(inCamelCase(schema.examples?.[0], schema)),
      ...own
    } = IN_PROGRAM[at] ?? {};
    const documented = { ...schema, ...own };
    const [mark, rest] = REQUIRED.test(documented.refused ?? "") ? ["", ""] : ["?", " | undefined"];
    const key = camelCase(path.at(-1) ?? "");
    return [`${documentation(documented, example)}  readonly ${key}${mark}: ${type}${rest};`];
  }
}

const union = (types: readonly string[]): string => [...new Set(types)].join(" | ");

function scalarType(schema: JsonSchema): string {
  const values = schema.enum ?? ("const" in schema ? [schema.const] : []);
  if (values.length > 0) return values.map((value) => JSON.stringify(value)).join(" | ");
  return schema.type === "integer" ? "number" : String(schema.type);
}

const itemOf = (path: readonly string[]): string[] => [...path.slice(0, -1), `${path.at(-1)}[]`];

const parenthesized = (type: string): string => (/ \| (?![^<]*>)/.test(type) ? `(${type})` : type);

/** The longest end of the path that has a name of its own, else its last key. */
function nameOf(path: readonly string[]): string {
  const words = path.map((key) => key.replace("[]", ""));
  const ends = words.map((_, at) => words.slice(at).join("."));
  const [named] = ends.flatMap((end) => NAMES[end] ?? []);
  const last = camelCase(words.at(-1) ?? "");
  return named ?? `${last.charAt(0).toUpperCase()}${last.slice(1)}Args`;
}

function documentation({ description = "", default: value, otherwise, refused }: Documented, example: string): string {
  const fallback = otherwise ?? (value === undefined ? undefined : JSON.stringify(value));
  const lines = [
    description,
    ...(fallback === undefined ? [] : [`Default: ${fallback}.`]),
    ...(refused === undefined ? [] : [`Refused: ${refused}.`]),
    "",
    `@example ${example}`,
  ];
  return ["  /**", ...lines.map((line) => `   * ${line.replaceAll("*/", "*\\/")}`.trimEnd()), "   */", ""].join("\n");
}

/** With the keys of the schema as a program writes them; names that the user chooses stay. */
function inCamelCase(value: unknown, schema: JsonSchema): unknown {
  const kinds = [schema, ...(schema.anyOf ?? [])];
  if (Array.isArray(value)) {
    const item = kinds.find(({ items }) => items !== undefined)?.items ?? {};
    return value.map((one) => inCamelCase(one, item));
  }
  if (!isMap(value)) return value;
  const any = kinds.flatMap(({ additionalProperties: kind }) => (typeof kind === "object" ? [kind] : []))[0] ?? {};
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      const own = kinds.find(({ properties }) => properties?.[key] !== undefined)?.properties?.[key];
      return own === undefined ? [key, inCamelCase(one, any)] : [camelCase(key), inCamelCase(one, own)];
    }),
  );
}

/** @example literal({ appPort: 80, "max-size": "1m" }) // '{ appPort: 80, "max-size": "1m" }' */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (!isMap(value)) return JSON.stringify(value);
  const key = (name: string) => (/^[\w$]+$/.test(name) ? name : JSON.stringify(name));
  return `{ ${Object.entries(value)
    .map(([name, one]) => `${key(name)}: ${literal(one)}`)
    .join(", ")} }`;
}
