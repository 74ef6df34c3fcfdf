import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Config, type ExistingHost, parseConfig } from "../../../config/index.ts";
import { SlipwayError } from "../../../core/error.ts";

export const FILE = "stacks/Pulumi.production.yaml";
export type Section = Record<string, unknown>;

const SMALLEST: Section = { service: "shop", image: "ghcr.io/acme/shop:1.4.2", servers: ["203.0.113.10"] };

export interface Circumstances {
  /** Root keys that hold a Pulumi secret. Default: `secrets`. */
  readonly sealed?: readonly string[];
  readonly stack?: string;
  /** The project's folder. */
  readonly root?: string;
}

/** A config as Pulumi passes it: the smallest one with `changes`. `undefined` removes a key; a key with a colon has its own namespace. */
export function read(changes: Section = {}, { sealed = ["secrets"], stack = "production", root }: Circumstances = {}): Config {
  const written = Object.entries({ ...SMALLEST, ...changes }).filter(([, value]) => value !== undefined);
  const values = Object.fromEntries(
    written.map(([key, value]) => [
      key.includes(":") ? key : `slipway:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
  const secretKeys = new Set(sealed.map((key) => `slipway:${key}`));
  return parseConfig({ values, secretKeys, stack, file: FILE, ...(root === undefined ? {} : { root }) });
}

/** The problems of a config, a line each, with one space after the place. */
export function problems(changes: Section, circumstances?: Circumstances): string[] {
  return refusal(changes, circumstances)
    .split("\n")
    .slice(1, -3)
    .map((line) => line.trim().replace(/ {3,}/, " "));
}

/** The same of a config that is parsed in another way, without the message around them. */
export function problemsOf(parse: () => unknown): string[] {
  try {
    parse();
    return [];
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    return error.story.what
      .split("\n")
      .slice(1)
      .map((line) => line.trim().replace(/ {3,}/, " "));
  }
}

/** A project with these files. Gone when `using` ends. */
export function aProject(files: Readonly<Record<string, string>>): Disposable & { readonly root: string } {
  const root = mkdtempSync(join(tmpdir(), "slipway-config-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}

/** The whole message; empty when nothing is refused. */
export function refusal(changes: Section, circumstances?: Circumstances): string {
  try {
    read(changes, circumstances);
    return "";
  } catch (error) {
    if (error instanceof SlipwayError) return error.message;
    throw error;
  }
}

/** The hosts of a config that makes none. */
export const existing = ({ hosts }: Config): ExistingHost[] => hosts.filter((host) => host.madeAt === undefined);
