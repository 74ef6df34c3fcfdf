import { entry } from "../yaml/tree.ts";
import { itemsOf, scalarOf } from "./copy.ts";
import type { Rule } from "./rule.ts";

/** `volumes` of the root or of an accessory: a relative path is below the home of the SSH user. */
export const volumes: Rule<unknown> = {
  status: "same",
  note: "a relative path is by hand",
  apply: (cursor, run, { to, key }) => {
    const { node } = cursor;
    if (node.kind !== "list") {
      if (node.kind === "scalar" && node.is === "null") run.empty(cursor);
      else run.ask(cursor, "should be a list of volumes");
      return [];
    }
    if (node.items.length === 0) run.take(cursor, [...to, key]);
    const items = itemsOf(cursor, [...to, key], (child, place) => {
      if (child.node.kind !== "scalar") {
        run.ask(child, "should be source:target");
        return undefined;
      }
      const before = run.findings.length;
      const value = scalarOf(child, child.node, run, "text", place);
      if (value === undefined) return undefined;
      const source = value.text.split(":")[0] ?? "";
      if (!value.isUnknown && /^(?:\.|~|[^/]*\/)/.test(source) && !source.startsWith("/"))
        run.ask(
          child,
          `${source} is below the home of the SSH user on the host: write the whole path, as /root/${source.replace(/^(?:~|\.)\//, "")}`,
          place,
        );
      else if (run.findings.length === before) run.take(child, place);
      return value;
    });
    return [entry(key, { ...node, items })];
  },
};
