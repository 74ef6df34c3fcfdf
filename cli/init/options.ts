import { PresetName } from "../../core/accessory/preset.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { parseDestination } from "../../hosts/index.ts";
import { portOf } from "./app/dockerfile.ts";

/** How a server is reached, as it is typed: `[user@]address[:port]`. */
export interface Reached {
  readonly address: string;
  readonly port: number;
  readonly user: string;
}

/** Where the state of the stacks is kept. */
export type StateChoice =
  | { readonly kind: "folder" }
  | { readonly kind: "cloud" }
  | { readonly kind: "url"; readonly url: string };

/** What an answer means, or what is wrong with it. */
export type Read<T> = { readonly value: T } | { readonly wrong: string };

export function readServer(text: string, user?: string): Read<Reached> {
  const at = parseDestination(text);
  if (at === undefined) return { wrong: "an address is expected, as 203.0.113.10 or deploy@203.0.113.10" };
  return { value: { address: at.address, port: at.port ?? 22, user: user ?? at.user ?? "root" } };
}

/** @returns `undefined` for none */
export function readDomain(text: string): Read<string | undefined> {
  if (text === "" || text === "none") return { value: undefined };
  if (/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*$/i.test(text)) return { value: text.toLowerCase() };
  return { wrong: "a host name is expected, as shop.example.com, or none" };
}

export function readPort(text: string): Read<number> {
  const port = portOf(text);
  return port === undefined ? { wrong: "a port is expected, from 1 to 65535" } : { value: port };
}

export function readDatabases(text: string): Read<readonly PresetName[]> {
  const words = text.split(/[\s,]+/).filter((word) => word !== "" && word !== "none");
  const parsed = words.map((word) => PresetName.safeParse(word));
  const wrong = words.filter((_, at) => parsed[at]?.success !== true);
  if (wrong.length > 0) return { wrong: `${wrong.join(", ")}: ${PresetName.options.join(", ")} or none` };
  return { value: [...new Set(parsed.flatMap(({ data }) => (data === undefined ? [] : [data])))] };
}

export function readState(text: string): Read<StateChoice> {
  if (text === "folder" || text === "this folder") return { value: { kind: "folder" } };
  if (text === "cloud") return { value: { kind: "cloud" } };
  if (/^(?:s3|gs|azblob|file|https?|postgres):\/\//.test(text)) return { value: { kind: "url", url: text } };
  return { wrong: "folder, cloud, or the URL of a bucket is expected, as s3://acme-pulumi?region=eu-central-1" };
}

/** Every option of the command line that cannot be used, at once. */
export function requireReadable(read: Readonly<Record<string, Read<unknown> | undefined>>): void {
  const wrong = Object.entries(read).flatMap(([option, one]) =>
    one !== undefined && "wrong" in one ? [`${option}: ${one.wrong}`] : [],
  );
  if (wrong.length === 0) return;
  throw new SlipwayError({
    code: "USAGE",
    what: `${wrong.length === 1 ? "an option" : `${wrong.length} options`} of slipway init cannot be used`,
    evidence: wrong,
    servesNow: NOTHING_TOUCHED,
    next: "correct them and run it again: slipway init --help explains each",
  });
}
