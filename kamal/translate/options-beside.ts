/** Options of `docker run` that are keys of the role or accessory here, beside `options`. */
import { type Entry, entry, type MapNode, mapNode, type Path, textNode } from "../yaml/tree.ts";
import type { OptionsContext } from "./context.ts";
import { copy, sayUnknown } from "./copy.ts";
import { env as envRule } from "./env.ts";
import { labels as labelsRule } from "./labels.ts";
import type { Rule } from "./rule.ts";
import { type Cursor, childrenIn, type Run } from "./run.ts";

type Apply = Rule<OptionsContext>["apply"];

/** `env: ["A=b"]`, which come after those of `env` in Docker, and win. */
export const env: Apply = (cursor, run, _place, context) => {
  const map = pairsIn(cursor, run, "is a variable of the machine that runs Docker: write its value, NAME=value");
  if (map !== undefined)
    context.beside.push(
      ...moved(run, "env", map, () => envRule(false).apply(map.cursor, run, { to: context.to, key: "env" }, context.scope)),
    );
  return [];
};

/** `label: ["a=b"]` */
export const labels: Apply = (cursor, run, _place, context) => {
  const map = pairsIn(cursor, run, "should be name=value");
  const rule = labelsRule(() => "");
  if (map !== undefined)
    context.beside.push(
      ...moved(run, "labels", map, () => rule.apply(map.cursor, run, { to: context.to, key: "labels" }, undefined)),
    );
  return [];
};

export const logDriver: Apply = (cursor, run, _place, context) => logging({ cursor, items: new Map() }, run, context, "driver");

/** `log-opt: ["max-size=10m"]` */
export const logOptions: Apply = (cursor, run, _place, context) => {
  const map = pairsIn(cursor, run, "should be name=value");
  return map === undefined ? [] : logging(map, run, context, "options");
};

function logging(pairs: Pairs, run: Run, context: OptionsContext, key: string): [] {
  const { cursor } = pairs;
  const make = (): Entry[] => {
    const value = copy(cursor, run, [...context.to, "logging", key], "text");
    return value === undefined ? [] : [entry("logging", mapNode([entry(key, value)], { at: cursor.at, comment: undefined }))];
  };
  context.beside.push(...moved(run, "logging", pairs, make));
  return [];
}

/** A map, and where its values are in Kamal's file. */
interface Pairs {
  readonly cursor: Cursor;
  /** Name → the item of a list that it was. */
  readonly items: ReadonlyMap<string, Path>;
}

/** What is simply taken there has another place, and its path is that in Kamal's file. */
function moved(run: Run, name: string, { cursor, items }: Pairs, make: () => readonly Entry[]): readonly Entry[] {
  const before = run.findings.length;
  const entries = make();
  for (const [at, finding] of run.findings.entries()) {
    if (at < before) continue;
    const item = items.get(String(finding.path[cursor.path.length]));
    const path = item === undefined ? finding.path : [...item, ...finding.path.slice(cursor.path.length + 1)];
    const isTaken = finding.outcome === "taken";
    run.findings[at] = { ...finding, path, ...(isTaken ? { outcome: "translated", says: `is under ${name}` } : {}) };
  }
  return entries;
}

/**
 * `name=value` of a list, or a map, as a map. Notes what is none.
 *
 * @param otherwise what to say of a name alone
 */
function pairsIn(cursor: Cursor, run: Run, otherwise: string): Pairs | undefined {
  const { node } = cursor;
  if (node.kind === "map") return { cursor, items: new Map() };
  if (node.kind === "scalar" && node.is === "null") {
    run.empty(cursor);
    return undefined;
  }
  const entries = new Map<string, Entry>();
  const items = new Map<string, Path>();
  for (const one of node.kind === "list" ? childrenIn(cursor) : [cursor]) {
    if (one.node.kind !== "scalar") {
      run.ask(one, otherwise);
      continue;
    }
    if (one.node.isUnknown) {
      run.ask(one, sayUnknown(one.node.origins, one.node.written));
      continue;
    }
    const [, name, value] = /^([^=]+)=([\s\S]*)$/.exec(one.node.text) ?? [];
    if (name === undefined || value === undefined) {
      run.ask(one, otherwise);
      continue;
    }
    const origins = one.node.origins;
    // As in Docker, the last of a name counts.
    entries.set(name, entry(name, { ...textNode(value, one.node), isQuoted: true, origins }));
    const earlier = items.get(name);
    if (earlier !== undefined)
      run.translate({ ...one, path: earlier }, `${name} is written again, and the last counts, as in Docker`);
    items.set(name, one.path);
  }
  const map: MapNode = mapNode([...entries.values()], { at: cursor.at, comment: undefined });
  return { cursor: { ...cursor, node: map }, items };
}

/** An image for the CPU of the host runs anyway. */
export const platform: Apply = (cursor, run, _place, { isAccessory }) => {
  const written = cursor.node.kind === "scalar" && !cursor.node.isUnknown ? cursor.node.text : "";
  const arch = /^linux\/(amd64|arm64)$/.exec(written)?.[1];
  if (!isAccessory && arch !== undefined && run.facts.arch === arch)
    run.translate(cursor, `not needed: the image is built for ${arch}`);
  else
    run.ask(
      cursor,
      "an image runs on a host with its CPU, which is compared before anything is changed: remove it, and use an image for the CPU of the host",
    );
  return [];
};

/** `link: shop-db:db` */
export const link: Apply = (cursor, run) => {
  for (const one of cursor.node.kind === "list" ? childrenIn(cursor) : [cursor]) {
    const [name = "", as = name] = one.node.kind === "scalar" ? one.node.text.split(":") : [];
    if (name === as && name !== "") run.translate(one, "not needed: containers of one network find each other by name");
    else
      run.ask(
        one,
        `write options.network_alias: ${as === "" ? "NAME" : as} where ${name === "" ? "that container" : name} is declared`,
      );
  }
  return [];
};
