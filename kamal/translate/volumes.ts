import { posix } from "node:path";
import { entry, textNode } from "../yaml/tree.ts";
import { itemsOf, scalarOf } from "./copy.ts";
import type { Rule } from "./rule.ts";

/** A path that the host's Docker takes from the folder in which Kamal's commands run. */
const isBelowHome = (source: string): boolean => /^(?:\.|~|[^/]*\/)/.test(source) && !source.startsWith("/");

/** `volumes` of the root or of an accessory: a relative path is below the home of the SSH user. */
export const volumes: Rule<unknown> = {
  status: "same",
  note: "a relative path is below the home of root; of another user it is by hand",
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
      const [source = "", ...rest] = value.text.split(":");
      if (value.isUnknown || !isBelowHome(source)) {
        if (run.findings.length === before) run.take(child, place);
        return value;
      }
      const whole = posix.join("/root", source.replace(/^~\//, ""));
      if (run.facts.user !== "root") {
        run.ask(
          child,
          `${source} is below the home of the SSH user on the host: write the whole path, as ${whole.replace("/root", `/home/${run.facts.user}`)}`,
          place,
        );
        return value;
      }
      run.translate(child, `is ${whole}, below the home of root`, place);
      return { ...textNode([whole, ...rest].join(":"), value), isQuoted: value.isQuoted };
    });
    return [entry(key, { ...node, items })];
  },
};
