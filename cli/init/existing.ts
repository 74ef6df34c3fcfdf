import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { isMap } from "../../core/values.ts";
import { OWN_PROGRAM } from "../../project/new/files.ts";

/** What is in a project's folder already. */
export type Existing =
  | { readonly kind: "nothing" }
  /** A project without a stack of that name, or with one that only Pulumi has written to: its keys of encryption. */
  | { readonly kind: "begun"; readonly keys: string }
  | { readonly kind: "complete"; readonly service: string; readonly hosts: readonly string[] }
  /** A Pulumi project with something else in it. */
  | { readonly kind: "foreign"; readonly file: string };

export function existingIn(project: string, stack: string): Existing {
  const read = (name: string) => {
    const file = join(project, name);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  };
  const stackFile = `Pulumi.${stack}.yaml`;
  const [ofProject, ofStack] = [read("Pulumi.yaml"), read(stackFile)];
  const written = mapIn(ofStack ?? "");
  const config = isMap(written.config) ? written.config : undefined;
  if (config !== undefined) {
    const service = config["slipway:service"];
    if (typeof service !== "string") return { kind: "foreign", file: stackFile };
    return { kind: "complete", service, hosts: hostsIn(config["slipway:servers"]) };
  }
  if (ofProject === undefined) return ofStack === undefined ? { kind: "nothing" } : { kind: "begun", keys: keysIn(ofStack) };
  const { main } = mapIn(ofProject);
  const program = main === "index.ts" ? read(main) : undefined;
  const isOurs = main === OWN_PROGRAM || program?.includes('from "slipway"') === true;
  return isOurs ? { kind: "begun", keys: keysIn(ofStack ?? "") } : { kind: "foreign", file: "Pulumi.yaml" };
}

/** The lines by which Pulumi encrypts for a stack. */
export const keysIn = (text: string): string =>
  [...text.matchAll(/^(?:encryptionsalt|secretsprovider|encryptedkey):.*$/gm)].map(([line]) => `${line}\n`).join("");

function mapIn(text: string): Record<string, unknown> {
  const document = parseDocument(text);
  const value: unknown = document.errors.length > 0 ? undefined : document.toJS();
  return isMap(value) ? value : {};
}

/** Addresses and names, as far as they are written as such. */
function hostsIn(servers: unknown): string[] {
  if (typeof servers === "string") return [servers];
  if (Array.isArray(servers)) return servers.flatMap(hostsIn);
  if (!isMap(servers)) return [];
  return [...new Set(Object.values(servers).flatMap((role) => hostsIn(isMap(role) && "hosts" in role ? role.hosts : role)))];
}
