import { type Entry, entry, type MapNode, mapNode, nodeAt, type Tree, textNode } from "../yaml/tree.ts";
import { accessories } from "./accessories.ts";
import { aliases } from "./aliases.ts";
import { builder, defaultBuilder } from "./builder.ts";
import { copy } from "./copy.ts";
import { env } from "./env.ts";
import { image } from "./image.ts";
import { healthcheck1, traefik } from "./kamal-1.ts";
import { labels } from "./labels.ts";
import { proxy } from "./proxy.ts";
import { registry } from "./registry.ts";
import { byHand, type Rule, type Rules, same, section, together, translated, translateKeys, unneeded } from "./rule.ts";
import type { Cursor, Run } from "./run.ts";
import { assetPath, servers, tagsWithoutEnv } from "./servers.ts";
import { output, ssh, sshkit } from "./ssh.ts";
import { volumes } from "./volumes.ts";

const envOfRoot: Rule<Cursor> = {
  ...env(true),
  below: env(true).below ?? {},
  apply: (cursor, run, target) =>
    env(true).apply(cursor, run, target, { name: "app", hosts: [...new Set([...run.facts.roles.values()].flat())] }),
};

/** Every key of the root. The rules of those below are in their sections. */
export const ROOT: Rules<Cursor> = {
  service: same("text"),
  image: image,
  labels: labels(({ facts }) => facts.service),
  volumes,
  registry: registry,
  servers: servers,
  env: envOfRoot,
  asset_path: { ...same("text"), apply: (cursor, run, target) => assetPath(cursor, run, target) },
  error_pages_path: translated("from the project's folder", (cursor, run, { to, key }) => {
    const value = copy(cursor, run, [...to, key], "text");
    if (value === undefined) return [];
    if (value.kind !== "scalar" || value.isUnknown) return [entry(key, value)];
    const path = run.fromProject(value.text);
    if (path === value.text) return [entry(key, value)];
    run.findings.pop();
    run.translate(cursor, `is ${path}, from the project's folder`, [...to, key]);
    return [entry(key, textNode(path, value))];
  }),
  hooks_path: translated("from the project's folder; hooks in `.kamal/hooks` too, as they are", (cursor, run) => {
    // With the hooks themselves, which may be there without it.
    run.translate(cursor, "is where the import has looked for hooks");
    return [];
  }),
  hooks_output: translated("hooks with `_` for `-`", (cursor, run, { to, key }) => {
    const value = copy(cursor, run, [...to, key], "text");
    if (value?.kind !== "map") return value === undefined ? [] : [entry(key, value)];
    const entries = value.entries.map((one) => ({ ...one, key: one.key.replaceAll("-", "_") }));
    return [entry(key, { ...value, entries })];
  }),
  secrets_path: translated("read by the import: slipway:secrets_from reads the same files in each run", (cursor, run) => {
    run.translate(cursor, "is where the import has looked for secrets, and where slipway:secrets_from reads them");
    return [];
  }),
  require_destination: unneeded("a stack is a destination"),
  minimum_version: unneeded("package.json says which version is used"),
  run_directory: unneeded("nothing is kept in a folder on the hosts"),
  primary_role: same("text"),
  allow_empty_roles: same(),
  retain_containers: same("number", "of each role and destination; Kamal counts all of the service together"),
  readiness_delay: same("number"),
  deploy_timeout: same("number"),
  drain_timeout: same("number"),
  stop_timeout: same("number"),
  builder,
  accessories: accessories,
  ssh: ssh,
  sshkit: sshkit,
  proxy,
  boot: section({
    limit: same("any", "a share is of the app's hosts; Kamal counts those of accessories, too"),
    wait: same("number"),
    parallel_roles: same("any", "true without it; false in Kamal"),
  }),
  logging: section({ driver: same("text"), options: same("text") }),
  aliases: aliases,
  output: output,
  healthcheck: healthcheck1,
  traefik: traefik,
  stop_wait_time: translated("Kamal 1: `stop_timeout`", (cursor, run) => {
    if (cursor.node.kind !== "scalar") {
      run.ask(cursor, "should be a number of seconds");
      return [];
    }
    const value = copy(cursor, run, ["stop_timeout"], "number");
    return value === undefined ? [] : [entry("stop_timeout", value)];
  }),
  audit_broadcast_cmd: byHand("is of Kamal 1: write it as hooks.post_deploy"),
};

/** What decides only an app: Kamal wants some of it also where there are accessories alone. */
const OF_APP: ReadonlySet<string> = new Set([
  ...["image", "builder", "labels", "volumes", "env", "asset_path", "primary_role", "allow_empty_roles", "boot", "logging"],
  ...["retain_containers", "deploy_timeout", "drain_timeout", "stop_timeout", "stop_wait_time", "healthcheck"],
]);

/** The entries of the stack, below `slipway:`. */
export function translateRoot(root: Cursor, run: Run): Entry[] {
  const { node } = root;
  if (node.kind !== "map") return [];
  const extensions = node.entries.filter(({ key }) => key.startsWith("x-"));
  for (const { key, at, value } of extensions)
    run.translate(
      { path: [key], node: value, at },
      "not needed: an extension, whose anchors are written out where they are used",
    );
  const isApp = run.facts.roles.size > 0 || run.facts.accessories.length === 0;
  const others = node.entries.filter(({ key }) => !key.startsWith("x-"));
  const ofApp = isApp ? [] : others.filter(({ key }) => OF_APP.has(key));
  for (const { key, at, value } of ofApp)
    run.translate({ path: [key], node: value, at }, "not needed: there are no servers, so that it decides nothing");
  const known: Cursor = { ...root, node: { ...node, entries: others.filter((one) => !ofApp.includes(one)) } };
  const made = translateKeys(known, ROOT, run, [], root) ?? [];
  const lacking = isWrong(node, "servers") ? [] : lackingIn(run);
  if (lacking.length > 0) run.ask({ ...root, path: ["servers"] }, sayLacking(lacking));
  const built = !isApp || made.some(({ key }) => key === "builder") ? made : [...made, defaultBuilder(root, run)];
  return withDestination(withTags(together(built), known, run), root, run);
}

/** Whether a section is neither a map nor a list, which has been said. */
const isWrong = (root: MapNode, key: string): boolean => {
  const value = nodeAt(root, [key]);
  return value?.kind === "scalar" && value.is !== "null";
};

/** What has no hosts in the base, so that Kamal does not deploy it without a destination, whose file has them. */
export function lackingIn({ facts }: Pick<Run, "facts">): string[] {
  const { roles, primaryRole, accessories, destination } = facts;
  if (roles.size === 0) return accessories.some(({ hosts }) => hosts.length > 0) ? [] : ["servers"];
  if (destination !== undefined || (roles.get(primaryRole) ?? []).length > 0) return [];
  return [
    ...[...roles].filter(([, hosts]) => hosts.length === 0).map(([role]) => role),
    ...accessories.filter(({ hosts }) => hosts.length === 0).map(({ name }) => name),
  ];
}

const sayLacking = (names: readonly string[]): string =>
  names[0] === "servers"
    ? "is in no file that was read: name the destination whose file has it, by --destination"
    : `no file that was read has hosts for ${names.join(", ")}, and Kamal deploys none of it so: name the destination whose file has them, by --destination, or write them`;

/** Containers and routes have Kamal's names. */
function withDestination(entries: readonly Entry[], root: Cursor, { facts }: Run): Entry[] {
  const name = entry("destination", textNode(facts.destination ?? "none", { at: root.at, comment: undefined }));
  const at = entries.findIndex(({ key }) => key === "service") + 1;
  return [...entries.slice(0, at), name, ...entries.slice(at)];
}

/** A tag that only accessories use has an empty environment. */
function withTags(entries: readonly Entry[], root: Cursor, run: Run): Entry[] {
  const missing = tagsWithoutEnv(root);
  if (missing.length === 0) return [...entries];
  const at = { at: root.at, comment: undefined };
  const tags: Tree = mapNode(
    [
      entry(
        "tags",
        mapNode(
          missing.map((tag) => entry(tag, mapNode([], at))),
          at,
        ),
      ),
    ],
    at,
  );
  for (const tag of missing)
    run.translate({ ...root, path: ["env", "tags", tag] }, "is a tag without an environment", ["env", "tags", tag]);
  return together([...entries, entry("env", tags)]);
}
