import { entry, type Scalar } from "../yaml/tree.ts";
import { scalarOf } from "./copy.ts";
import { type Rule, translated } from "./rule.ts";

/** `cmd`, which a shell of the host reads in Kamal, and no shell here. */
export const command: Rule<unknown> = {
  ...translated(
    "no shell reads it; `$NAME`, which the host's shell fills in Kamal, and its operators are by hand",
    (cursor, run, { to, key }) => {
      const { node } = cursor;
      if (node.kind !== "scalar") {
        run.ask(cursor, "should be a text");
        return [];
      }
      const before = run.findings.length;
      const value: Scalar | undefined = scalarOf(cursor, node, run, "text", [...to, key]);
      if (value === undefined) return [];
      const fault = value.isUnknown ? undefined : faultOf(value.text);
      if (fault !== undefined) run.ask(cursor, fault, [...to, key]);
      else if (run.findings.length === before) run.take(cursor, [...to, key]);
      return [entry(key, value)];
    },
  ),
  status: "same",
};

/** What the host's shell would have made of it. */
function faultOf(text: string): string | undefined {
  const open = text.replace(/'[^']*'|\\./g, "");
  const variable = /\$(?:\w+|\{[^}]*\}|\([^)]*\))|`[^`]*`/.exec(open)?.[0];
  if (variable !== undefined)
    return `${variable} is filled by the host's shell in Kamal, before the container starts: write its value, or sh -c '…' around the command if the container knows it`;
  const operator = /[|&;<>]/.exec(open.replace(/"[^"]*"/g, ""))?.[0];
  if (operator !== undefined) return `${operator} is read by the host's shell in Kamal: write sh -c '…' around the command`;
  return undefined;
}
