import { type Noted, render } from "../ruby/template.ts";
import { placeText } from "../source/place.ts";
import type { Surroundings } from "../source/surroundings.ts";
import { NotYaml, parse, type Repeated } from "../yaml/document.ts";
import { type MapNode, nodeAt } from "../yaml/tree.ts";
import { findHooks, type Hook } from "./hooks.ts";
import { merge, type Replaced } from "./merge.ts";
import { parseSecrets, type Secret } from "./secrets-file.ts";

/** Everything that Kamal reads for one destination. */
export interface KamalConfig {
  /** Of the base: `config/deploy.yml`. */
  readonly file: string;
  readonly destination: string | undefined;
  readonly root: MapNode;
  readonly replaced: readonly Replaced[];
  readonly repeated: readonly Repeated[];
  readonly noted: readonly Noted[];
  /** The last of a name takes precedence. */
  readonly secrets: readonly Secret[];
  readonly hooks: readonly Hook[];
}

/** Why Kamal's files cannot be read, with the line. */
export class Unreadable extends Error {}

/** @example fileOf("config/deploy.yml", "staging") // "config/deploy.staging.yml" */
export const fileOf = (base: string, destination: string | undefined): string =>
  destination === undefined ? base : base.replace(/(\.ya?ml)$/, `.${destination}$1`);

/**
 * Reads the base and the file of a destination as Kamal does: ERB, YAML, merge; and beside them secrets and hooks. Throws `Unreadable`.
 *
 * @param base from the app's folder
 */
export function readKamal(base: string, destination: string | undefined, given: Surroundings): KamalConfig {
  const around = { ...given, env: { ...given.env, ...(destination === undefined ? {} : { KAMAL_DESTINATION: destination }) } };
  const first = readFile(base, around);
  const second = destination === undefined ? undefined : readFile(fileOf(base, destination), around);
  const { root, replaced } = second === undefined ? { root: first.root, replaced: [] } : merge(first.root, second.root);
  return {
    file: base,
    destination,
    root,
    replaced,
    repeated: [...first.repeated, ...(second?.repeated ?? [])],
    noted: [...first.noted, ...(second?.noted ?? [])],
    secrets: readSecrets(textAt(root, "secrets_path") ?? ".kamal/secrets", destination, around),
    hooks: findHooks(textAt(root, "hooks_path") ?? ".kamal/hooks", around),
  };
}

interface File {
  readonly root: MapNode;
  readonly repeated: readonly Repeated[];
  readonly noted: readonly Noted[];
}

function readFile(file: string, around: Surroundings): File {
  const text = around.readFile(file);
  if (text === undefined) throw new Unreadable(`there is no file ${file}`);
  const rendered = render(text.replaceAll("\r\n", "\n"), file, around);
  try {
    return { ...parse(rendered, file), noted: rendered.noted };
  } catch (error) {
    if (error instanceof NotYaml) throw new Unreadable(`${placeText(error.at)} is not YAML: ${error.message}`);
    throw error;
  }
}

/** As Kamal: with a destination the plain file is not read. Kamal 1 has `.env` in their place. */
function readSecrets(path: string, destination: string | undefined, around: Surroundings): Secret[] {
  const end = destination === undefined ? "" : `.${destination}`;
  const own = [`${path}-common`, `${path}${end}`].filter((file) => around.readFile(file) !== undefined);
  const files = own.length > 0 ? own : [...new Set([".env", `.env${end}`])];
  return files.flatMap((file) => parseSecrets(around.readFile(file) ?? "", file));
}

function textAt(root: MapNode, key: string): string | undefined {
  const node = nodeAt(root, [key]);
  return node?.kind === "scalar" && node.text !== "" ? node.text : undefined;
}
