import { parse } from "yaml";
import { readKamal } from "../../../../kamal/files/read.ts";
import { stackFile } from "../../../../kamal/project/files.ts";
import { type Translation, translate } from "../../../../kamal/translate/translate.ts";
import { pathText } from "../../../../kamal/yaml/tree.ts";

/** A machine with these files and variables. */
export interface Machine {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly destination?: string;
  readonly toApp?: string;
}

export interface Result {
  readonly translation: Translation;
  /** What is under `slipway:` in the stack's file, as any reader of YAML has it. */
  readonly stack: Readonly<Record<string, unknown>>;
  /** The stack's file itself. */
  readonly text: string;
  /** `needs you 3 servers.web: …` for all that is not simply taken. */
  readonly said: readonly string[];
}

/** The smallest config that Kamal takes. */
export const SMALLEST = `service: shop
image: acme/shop
servers:
  - 203.0.113.10
registry:
  username: acme
  password:
    - KAMAL_REGISTRY_PASSWORD
builder:
  arch: amd64
`;

export const WITHOUT_SERVERS = SMALLEST.replace("servers:\n  - 203.0.113.10\n", "");

const filesIn = (all: Readonly<Record<string, string>>) => (folder: string) => {
  const found = Object.keys(all).flatMap((path) => (path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1)] : []));
  return found.length === 0 ? undefined : found.sort();
};

/** Translates a config of Kamal. */
export function translated(yaml: string, { files = {}, env = {}, destination, toApp = ".." }: Machine = {}): Result {
  const all: Readonly<Record<string, string>> = { "config/deploy.yml": yaml, ...files };
  const around = { env, readFile: (path: string) => all[path], filesIn: filesIn(all), git: () => "3f1c9e0" };
  const translation = translate(readKamal("config/deploy.yml", destination, around), around, toApp);
  const text = stackFile({ name: destination ?? "production", from: ["config/deploy.yml"], translation });
  const { config = {} } = parse(text) as { config?: Record<string, unknown> };
  return {
    translation,
    stack: Object.fromEntries(Object.entries(config ?? {}).map(([key, value]) => [key.replace("slipway:", ""), value])),
    text,
    said: translation.findings
      .filter(({ outcome }) => outcome !== "taken" && outcome !== "replaced")
      .map(({ outcome, at, path, says }) => `${outcome} ${at.line} ${pathText(path)}: ${says}`),
  };
}
