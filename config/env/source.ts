import { omitUndefined } from "../../core/values.ts";
import { isEnvName } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import type { SourceInput } from "./source-section.ts";

/** Where values of secrets are that the stack's file does not have, and how they are asked for. */
export type SecretSource = SourcePlace & {
  /** Name → what it is called there, where that differs. */
  readonly names: Readonly<Record<string, string>>;
};

export type SourcePlace =
  | { readonly kind: "dotenv"; readonly files: readonly string[]; readonly folder?: string }
  | { readonly kind: "env" }
  | { readonly kind: "command"; readonly command: readonly string[]; readonly folder?: string; readonly prints?: string }
  | { readonly kind: "sops"; readonly file: string }
  | { readonly kind: "1password"; readonly items: readonly string[]; readonly vault?: string; readonly account?: string }
  | AwsPlace
  | { readonly kind: "doppler"; readonly project?: string; readonly config?: string }
  | VaultPlace
  | GcpPlace
  | { readonly kind: "bitwarden"; readonly items: readonly string[] }
  | { readonly kind: "bitwarden-sm"; readonly project?: string }
  | { readonly kind: "infisical"; readonly project: string; readonly environment: string; readonly path: string }
  | { readonly kind: "lastpass"; readonly folder?: string };

export interface AwsPlace {
  readonly kind: "aws";
  /** JSON objects. */
  readonly secrets: readonly string[];
  /** Before each name that is a secret of its own; absent: none is. */
  readonly prefix?: string;
  readonly region?: string;
  readonly profile?: string;
}

export interface VaultPlace {
  readonly kind: "vault" | "openbao";
  readonly mount: string;
  readonly paths: readonly string[];
  readonly address?: string;
  readonly namespace?: string;
}

export interface GcpPlace {
  readonly kind: "gcp";
  readonly prefix: string;
  readonly project?: string;
  readonly account?: string;
  readonly impersonate?: string;
}

type Kind = SourcePlace["kind"];

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

/** How each kind is read. `undefined`: the key is not written. */
const READ: { readonly [K in Kind]: (input: SourceInput, place: ConfigPath) => SourcePlace | undefined } = {
  dotenv: ({ dotenv, folder }) =>
    dotenv === undefined ? undefined : { kind: "dotenv", files: listOf(dotenv), ...omitUndefined({ folder }) },
  env: ({ env }) => env && { kind: "env" },
  command: ({ command, folder, prints }) => command && { kind: "command", command, ...omitUndefined({ folder, prints }) },
  sops: ({ sops }) => (sops === undefined ? undefined : { kind: "sops", file: sops }),
  "1password": ({ "1password": own }, place) =>
    own && {
      kind: "1password",
      items: required(own, "item", place),
      ...omitUndefined({ vault: own.vault, account: own.account }),
    },
  aws: ({ aws }, place) => {
    if (aws === undefined) return undefined;
    const { secret, ...rest } = aws;
    if (secret === undefined && rest.prefix === undefined)
      place.refuse("needs secret (a JSON object), prefix (a secret for each name), or both");
    return { kind: "aws", secrets: listOf(secret), ...omitUndefined(rest) };
  },
  doppler: ({ doppler }) => doppler && { kind: "doppler", ...omitUndefined(doppler) },
  vault: ({ vault }, place) => vault && vaultAt("vault", vault, place),
  openbao: ({ openbao }, place) => openbao && vaultAt("openbao", openbao, place),
  gcp: ({ gcp }) => {
    if (gcp === undefined) return undefined;
    const { prefix = "", ...rest } = gcp;
    return { kind: "gcp", prefix, ...omitUndefined(rest) };
  },
  bitwarden: ({ bitwarden: own }, place) => own && { kind: "bitwarden", items: required(own, "item", place) },
  "bitwarden-sm": ({ "bitwarden-sm": own }) => own && { kind: "bitwarden-sm", ...omitUndefined(own) },
  infisical: ({ infisical: own }, place) =>
    own && {
      kind: "infisical",
      project: required(own, "project", place)[0] ?? "",
      environment: required(own, "environment", place)[0] ?? "",
      path: own.path ?? "/",
    },
  lastpass: ({ lastpass: own }) => own && { kind: "lastpass", ...omitUndefined(own) },
};

const vaultAt = (kind: VaultPlace["kind"], own: NonNullable<SourceInput["vault"]>, place: ConfigPath): VaultPlace => ({
  kind,
  mount: own.mount ?? "secret",
  paths: required(own, "path", place),
  ...omitUndefined({ address: own.address, namespace: own.namespace }),
});

function required<K extends string>(
  own: { readonly [key in K]?: string | readonly string[] | undefined },
  key: K,
  place: ConfigPath,
): readonly string[] {
  if (own[key] === undefined) place.at(key).refuse("is required");
  return listOf(own[key]);
}

const KINDS = Object.keys(READ) as Kind[];

/** The sources in the order of precedence. One that is refused is left out, and stays in its place as `undefined`. */
export const resolveSources = (input: readonly SourceInput[] | undefined, place: ConfigPath): (SecretSource | undefined)[] =>
  (input ?? []).map((one, at) => resolveSource(one, place.at(at)));

function resolveSource(input: SourceInput, place: ConfigPath): SecretSource | undefined {
  const written = KINDS.filter((kind) => input[kind] !== undefined);
  const [kind] = written;
  for (const name of Object.keys(input.names ?? {}))
    if (!isEnvName(name)) place.at("names", name).refuse("is not a valid name of a secret: use letters, digits and _");
  if (kind === undefined || written.length > 1)
    return void place.refuse(
      kind === undefined
        ? `should have one of ${KINDS.join(", ")}`
        : `is ${written.join(" and ")}: make an item of the list of each`,
    );
  if (input.folder !== undefined && kind !== "dotenv" && kind !== "command")
    place.at("folder").refuse("is for dotenv and command: other sources run nothing of yours");
  if (input.prints !== undefined && kind !== "command") place.at("prints").refuse("is for command");
  const { prints } = input;
  if (prints !== undefined && !isEnvName(prints))
    place.at("prints").refuse("should be the name of a secret: letters, digits and _");
  const own = READ[kind](input, place.at(kind));
  return own && { ...own, names: input.names ?? {} };
}

/** A source as messages name it. @example labelOf({ kind: "sops", file: "secrets.yaml", names: {} }) // "sops secrets.yaml" */
export function labelOf(source: SourcePlace): string {
  switch (source.kind) {
    case "dotenv":
      return `dotenv ${source.files.join(", ")}`;
    case "env":
      return "the environment";
    case "command":
      return `command ${source.command[0] ?? ""}`;
    case "sops":
      return `sops ${source.file}`;
    case "1password":
    case "bitwarden":
      return `${source.kind} ${source.items.join(", ")}`;
    case "aws":
      return `aws ${[...source.secrets, ...(source.prefix === undefined ? [] : [`${source.prefix}…`])].join(", ")}`;
    case "vault":
    case "openbao":
      return `${source.kind} ${source.paths.map((path) => `${source.mount}/${path}`).join(", ")}`;
    case "doppler":
      return source.project === undefined ? "doppler" : `doppler ${source.project}/${source.config ?? ""}`;
    default:
      return source.kind;
  }
}
