/** Options of `docker run` that are keys of the role or accessory here, beside `options`. */
import { type Entry, entry, type MapNode, mapNode, textNode } from "../yaml/tree.ts";
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
      ...moved(run, "env", () => envRule(false).apply(map, run, { to: context.to, key: "env" }, context.scope)),
    );
  return [];
};

/** `label: ["a=b"]` */
export const labels: Apply = (cursor, run, _place, context) => {
  const map = pairsIn(cursor, run, "should be name=value");
  const rule = labelsRule(() => "");
  if (map !== undefined)
    context.beside.push(...moved(run, "labels", () => rule.apply(map, run, { to: context.to, key: "labels" }, undefined)));
  return [];
};

export const logDriver: Apply = (cursor, run, _place, context) => logging(cursor, run, context, "driver");

/** `log-opt: ["max-size=10m"]` */
export const logOptions: Apply = (cursor, run, _place, context) => {
  const map = pairsIn(cursor, run, "should be name=value");
  return map === undefined ? [] : logging(map, run, context, "options");
};

function logging(cursor: Cursor, run: Run, context: OptionsContext, key: string): [] {
  const make = (): Entry[] => {
    const value = copy(cursor, run, [...context.to, "logging", key], "text");
    return value === undefined ? [] : [entry("logging", mapNode([entry(key, value)], { at: cursor.at, comment: undefined }))];
  };
  context.beside.push(...moved(run, "logging", make));
  return [];
}

/** What is simply taken there has another place. */
function moved(run: Run, name: string, make: () => readonly Entry[]): readonly Entry[] {
  const before = run.findings.length;
  const entries = make();
  for (const [at, finding] of run.findings.entries())
    if (at >= before && finding.outcome === "taken")
      run.findings[at] = { ...finding, outcome: "translated", says: `is under ${name}` };
  return entries;
}

/**
 * `name=value` of a list, or a map, as a map. Notes what is none.
 *
 * @param otherwise what to say of a name alone
 */
function pairsIn(cursor: Cursor, run: Run, otherwise: string): Cursor | undefined {
  const { node } = cursor;
  if (node.kind === "map") return cursor;
  if (node.kind === "scalar" && node.is === "null") {
    run.empty(cursor);
    return undefined;
  }
  const entries = new Map<string, Entry>();
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
    run.translate(one, `is ${name}`);
  }
  const map: MapNode = mapNode([...entries.values()], { at: cursor.at, comment: undefined });
  return { ...cursor, node: map };
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
