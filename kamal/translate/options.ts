import { type Entry, entry, listNode, type MapNode, type Path, type Tree, textNode, valueNode } from "../yaml/tree.ts";
import type { OptionsContext } from "./context.ts";
import { copy } from "./copy.ts";
import { hostsIn } from "./facts.ts";
import { HEALTH_KEYS, healthcheckOf } from "./health.ts";
import { mountOf } from "./mount.ts";
import { network } from "./network.ts";
import { env, labels as labelsOf, link, logDriver, logOptions, platform } from "./options-beside.ts";
import { hasAddress, translatePublish } from "./ports.ts";
import { as, byHand, isEmpty, type Rule, type Rules, same, translated, unneeded } from "./rule.ts";
import { type Cursor, childAt, childrenIn, type Run } from "./run.ts";

const health: Rule<OptionsContext> = translated(
  "`healthcheck` of a role that is not proxied; the proxy checks the others",
  // All of them together: see `optionsOf`.
  () => [],
);

/** Docker's flags, in Kamal's spelling, with `-`. */
const OPTIONS: Rules<OptionsContext> = {
  memory: same(),
  "memory-swap": as("memory_swap"),
  "memory-reservation": as("memory_reservation"),
  cpus: same("number"),
  "cpu-shares": as("cpu_shares"),
  "pids-limit": as("pids_limit"),
  "oom-score-adj": as("oom_score_adj"),
  "shm-size": as("shm_size"),
  ulimit: same(),
  restart: same(),
  publish: {
    ...translated("without an address: on all, as in Docker; a role with ports stops before it starts again", publish),
  },
  "add-host": as("add_host"),
  dns: same(),
  device: as("devices"),
  gpus: same(),
  tmpfs: same(),
  "read-only": as("read_only"),
  "cap-add": as("cap_add", "list"),
  "cap-drop": as("cap_drop", "list"),
  privileged: same(),
  "security-opt": as("security_opt"),
  sysctl: translated("`sysctls`, a map", sysctls),
  ipc: same(),
  pid: same(),
  init: same(),
  "stop-signal": as("stop_signal"),
  "stop-timeout": translated("`stop_timeout` of the role", beside("stop_timeout")),
  entrypoint: same(),
  user: same(),
  "group-add": as("group_add", "list"),
  "no-healthcheck": as("no_healthcheck"),
  workdir: same(),
  volume: translated("`volumes` of the role", beside("volumes", "list")),
  mount: translated("`volumes` of the role, or `tmpfs`; a volume with a driver of its own is by hand", mounts),
  network: translated("without kamal, in which all are; `host` of a proxied role or an accessory is by hand", network),
  "network-alias": as("network_alias", "any", "in each of its networks; in Docker in kamal alone"),
  hostname: same("text"),
  "env-file": byHand(
    "is a file of the host, whose changes no plan would show: write its variables under env, and what is secret under env.secret",
  ),
  env: translated("`env` of the role or accessory", env),
  label: translated("`labels` of the role or accessory", labelsOf),
  platform: translated("not needed where the build is for it; any other is by hand", platform),
  expose: unneeded("containers of one network reach every port"),
  rm: unneeded("stopped containers are kept for a rollback, and removed by later releases"),
  "log-driver": translated("`logging.driver`", logDriver),
  "log-opt": translated("`logging.options`", logOptions),
  link: translated("not needed for a container's own name; another name is by hand", link),
  userns: same("text"),
  runtime: same("text"),
  ...Object.fromEntries(HEALTH_KEYS.map((key) => [key, health])),
};

/** Whether a role or an accessory has variables among its options. */
export const hasOptionsEnv = (cursor: Cursor): boolean => {
  const options = childAt(cursor, "options");
  return options !== undefined && childAt(options, "env") !== undefined;
};

/** `options` of a role or an accessory, whose keys may be written with `_` as well. */
export const optionsRule = (note: string): Rule<{ readonly options: OptionsContext }> => ({
  ...translated(note, (cursor, run, { to }, { options }) => {
    const { node } = cursor;
    if (node.kind !== "map") {
      run.ask(cursor, "should be a map of flags of docker run");
      return [];
    }
    const entries = optionsOf(cursor, node, run, to, options);
    return entries.length === 0 ? [] : [entry("options", { ...node, entries })];
  }),
  below: OPTIONS,
});

function optionsOf(cursor: Cursor, node: MapNode, run: Run, to: Path, context: OptionsContext): Entry[] {
  const made = childrenIn(cursor).flatMap((child) => {
    const written = String(child.path.at(-1));
    const name = [written, written.replaceAll("_", "-")].find((one) => Object.hasOwn(OPTIONS, one));
    const rule = name === undefined ? undefined : OPTIONS[name];
    const above = node.entries.find(({ key }) => key === written);
    if (rule === undefined) {
      run.ask(child, "is a flag of docker run that has no key here");
      return [];
    }
    const before = run.findings.length;
    const entries = rule.apply(child, run, { to: [...to, "options"], key: written }, context);
    if (run.findings.length === before && isEmpty(child.node)) run.empty(child);
    return entries.map((one, at) => (at === 0 ? { ...one, above: above?.above, isApart: above?.isApart ?? false } : one));
  });
  context.beside.push(...healthcheckOf(cursor, run, context));
  return made;
}

function publish(
  cursor: Cursor,
  run: Run,
  { to, key }: { readonly to: Path; readonly key: string },
  context: OptionsContext,
): Entry[] {
  if (context.isAccessory) {
    const [only, ...more] = hostsIn(cursor.node);
    if (!context.hasPort && only !== undefined && more.length === 0) return asPort(cursor, run, only, context);
    const isOpen = [only ?? "", ...more].some((text) => !/^(?:127\.|localhost:|\[::1\])/.test(text));
    if (isOpen) context.beside.push(entry("public", valueNode(true, { at: cursor.at, comment: undefined })));
  }
  const value = translatePublish(cursor, run, [...to, key]);
  return value === undefined ? [] : [entry(key, value)];
}

/** The only port of an accessory is its `port`. */
function asPort(cursor: Cursor, run: Run, text: string, { beside, to }: OptionsContext): Entry[] {
  const at = { at: cursor.at, comment: undefined };
  beside.push(entry("port", { ...textNode(text, at), isQuoted: true }));
  if (!hasAddress(text)) beside.push(entry("public", valueNode(true, at)));
  run.translate(cursor, hasAddress(text) ? "is port" : "is port, on all addresses as in Docker: public: true says so", [
    ...to,
    "port",
  ]);
  return [];
}

function beside(name: string, kind: "any" | "list" = "any"): Rule<OptionsContext>["apply"] {
  return (cursor, run, _place, context) => {
    const before = run.findings.length;
    const value = copy(cursor, run, [...context.to, name], kind);
    for (let at = before; at < run.findings.length; at++) {
      const finding = run.findings[at];
      if (finding?.outcome === "taken") run.findings[at] = { ...finding, outcome: "translated", says: `is under ${name}` };
    }
    if (value !== undefined) context.beside.push(entry(name, value));
    return [];
  };
}

/** `["net.core.somaxconn=1024"]` */
function sysctls(cursor: Cursor, run: Run, { to }: { readonly to: Path }): Entry[] {
  if (cursor.node.kind === "map") {
    const value = copy(cursor, run, [...to, "sysctls"]);
    return value === undefined ? [] : [entry("sysctls", value)];
  }
  const entries = hostsIn(cursor.node).map((text) => {
    const [name = "", value = ""] = text.split("=", 2);
    return entry(name, { ...textNode(value, { at: cursor.node.at, comment: undefined }), isQuoted: true });
  });
  run.translate(cursor, "is a map", [...to, "sysctls"]);
  return [entry("sysctls", { kind: "map", entries, isFlow: false, at: cursor.node.at })];
}

function mounts(cursor: Cursor, run: Run, _place: unknown, context: OptionsContext): Entry[] {
  const all = cursor.node.kind === "list" ? childrenIn(cursor) : [cursor];
  const tmpfs: Tree[] = [];
  const volumes: Tree[] = [];
  for (const one of all) {
    const text = one.node.kind === "scalar" ? one.node.text : "";
    const mount = mountOf(text);
    if (mount.kind === "other") run.ask(one, mount.says);
    else {
      run.translate(one, `is ${mount.text}, under ${mount.kind === "tmpfs" ? "options.tmpfs" : "volumes"}`);
      const node = textNode(mount.text, { at: one.node.at, comment: undefined });
      (mount.kind === "tmpfs" ? tmpfs : volumes).push(node);
    }
  }
  if (volumes.length > 0) context.beside.push(entry("volumes", listNode(volumes, { at: cursor.node.at, comment: undefined })));
  return tmpfs.length === 0 ? [] : [entry("tmpfs", listNode(tmpfs, { at: cursor.node.at, comment: undefined }))];
}
