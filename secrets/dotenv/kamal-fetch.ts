import { parseArgs } from "node:util";
import { Refusal } from "../refusal.ts";
import type { StorePlace } from "../stores/ask-store.ts";

/** One question of a `kamal secrets fetch`: what Kamal calls a value → what it is called in the store. */
export interface StoreQuestion {
  readonly place: StorePlace;
  readonly keys: ReadonlyMap<string, string>;
}

/**
 * `kamal secrets fetch` as questions to stores, so that Kamal is not needed for it; `undefined`: an adapter or a form that only Kamal knows.
 *
 * @param args after `fetch`
 * @example storeQuestions(["--adapter", "1password", "--from", "Vault/Item", "TOKEN"])
 */
export function storeQuestions(args: readonly string[], env: NodeJS.ProcessEnv): StoreQuestion[] | undefined {
  const { adapter, account, from, names } = parsed(args);
  const prefixed = names.map((name) => (from === undefined ? name : `${from}/${name}`));
  switch (adapter) {
    case "1password":
      return onePassword(prefixed, account);
    case "aws_secrets_manager":
      // Which of them are JSON objects only AWS knows: see `kamalAws`.
      return undefined;
    case "doppler":
      return doppler(prefixed, env);
    case "bitwarden":
      return bitwarden(prefixed);
    case "bitwarden-sm":
      return prefixed.some((name) => name === "all" || name.endsWith("/all"))
        ? undefined
        : [one({ kind: "bitwarden-sm" }, prefixed)];
    case "gcp":
      return gcp(prefixed, account);
    case "lastpass":
      return [one({ kind: "lastpass" }, prefixed)];
    default:
      return undefined;
  }
}

/** The ids of a `kamal secrets fetch --adapter aws_secrets_manager`, and its profile; `undefined`: it is a different one. */
export function kamalAws(args: readonly string[]): { readonly ids: readonly string[]; readonly profile?: string } | undefined {
  const { adapter, account, from, names } = parsed(args);
  if (adapter !== "aws_secrets_manager") return undefined;
  return {
    ids: names.map((name) => (from === undefined ? name : `${from}/${name}`)),
    ...(account === undefined ? {} : { profile: account }),
  };
}

interface Fetch {
  readonly adapter: string | undefined;
  readonly account: string | undefined;
  readonly from: string | undefined;
  readonly names: readonly string[];
}

function parsed(args: readonly string[]): Fetch {
  const options = {
    adapter: { type: "string", short: "a" },
    account: { type: "string" },
    from: { type: "string" },
    inline: { type: "boolean" },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return { adapter: values.adapter, account: values.account, from: values.from, names: positionals };
  } catch (thrown) {
    throw new Refusal(`kamal secrets fetch ${args.join(" ")}: ${thrown instanceof Error ? thrown.message : "is not readable"}`);
  }
}

const one = (place: StorePlace, names: readonly string[]): StoreQuestion => ({
  place,
  keys: new Map(names.map((name) => [name, name])),
});

/** Of each item one question. Kamal's names are `vault/item/field`; a field named password is left out of them. */
function onePassword(references: readonly string[], account: string | undefined): StoreQuestion[] | undefined {
  const split = references.map((name) => name.replace(/^op:\/\//, "").split("/"));
  if (split.length === 0 || split.some(({ length }) => length < 2)) return undefined;
  const items = new Map<string, StoreQuestion & { readonly keys: Map<string, string> }>();
  for (const [vault = "", item = "", ...field] of split) {
    const id = `${vault}/${item}`;
    const place = { kind: "1password", items: [item], vault, ...(account === undefined ? {} : { account }) } as const;
    const known = items.get(id) ?? { place, keys: new Map<string, string>() };
    items.set(id, known);
    const key = field.join("/") || "password";
    known.keys.set([id, ...(key === "password" ? [] : [key])].join("/"), key);
  }
  return [...items.values()];
}

/** `project/config/NAME`; a service token knows both. */
function doppler(references: readonly string[], { DOPPLER_TOKEN = "" }: NodeJS.ProcessEnv): StoreQuestion[] | undefined {
  const [first = ""] = references;
  const [project, config, name] = first.split("/");
  const isKnown = DOPPLER_TOKEN.startsWith("dp.st");
  if (references.length === 0 || (!isKnown && name === undefined)) return undefined;
  const place = {
    kind: "doppler",
    ...(isKnown || project === undefined || config === undefined ? {} : { project, config }),
  } as const;
  return [
    one(
      place,
      references.map((reference) => reference.split("/").at(-1) ?? reference),
    ),
  ];
}

/** `item/field`, or `item` for its password. */
function bitwarden(references: readonly string[]): StoreQuestion[] {
  return references.map((reference) => {
    const [item = "", field = "password"] = reference.split("/");
    return { place: { kind: "bitwarden", items: [item] }, keys: new Map([[reference, field]]) };
  });
}

/** `[project/]name[/version]`; the account is `user|service accounts`. */
function gcp(references: readonly string[], account = "default"): StoreQuestion[] {
  const [user = "default", impersonate] = account.split("|", 2);
  return references.map((reference) => {
    const parts = reference.split("/");
    const [project = "default", name = "", version = "latest"] = parts.length === 1 ? ["default", ...parts] : parts;
    const place = {
      kind: "gcp",
      prefix: "",
      ...(project === "default" ? {} : { project }),
      ...(user === "default" ? {} : { account: user }),
      ...(impersonate === undefined ? {} : { impersonate }),
    } as const;
    return { place, keys: new Map([[project === "default" ? name : `${project}/${name}`, `${name}/${version}`]]) };
  });
}
