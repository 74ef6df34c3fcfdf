import { type Entry, entry } from "../yaml/tree.ts";
import type { OptionsContext } from "./context.ts";
import { copy, itemsOf } from "./copy.ts";
import type { Rule } from "./rule.ts";
import type { Cursor, Run } from "./run.ts";

const UNNEEDED = "not needed: all of the app is in the network kamal";

/** Why it cannot have the network of the host. */
const HOST = {
  proxied:
    "kamal-proxy reaches a container in the network kamal alone, and Docker refuses kamal and host together, as Kamal writes it: remove it, or write proxy: false and the ports that it has on the host",
  accessory: "the name of its container would lead nowhere: remove it, and write the ports that others reach under port",
};

/** `options.network`: Docker networks of others, beside kamal. */
export const network: Rule<OptionsContext>["apply"] = (cursor, run, { to, key }, context) => {
  const place = [...to, key];
  const isKept = (one: Cursor) => isWritten(one, run, context);
  if (cursor.node.kind !== "list") {
    if (!isKept(cursor)) return [];
    const value = copy(cursor, run, place, "text");
    return value === undefined ? [] : [entry(key, value)];
  }
  const items = itemsOf(cursor, place, (child, path) => (isKept(child) ? copy(child, run, path, "text") : undefined));
  return items.length === 0 ? [] : ([entry(key, { ...cursor.node, items })] satisfies Entry[]);
};

/** Whether it is written in the stack; else it is noted why not. */
function isWritten(one: Cursor, run: Run, { isProxied, isAccessory }: OptionsContext): boolean {
  const name = one.node.kind === "scalar" ? one.node.text : "";
  if (name === "kamal") run.translate(one, UNNEEDED);
  else if (name === "host" && isAccessory) run.ask(one, HOST.accessory);
  else if (name === "host" && isProxied) run.ask(one, HOST.proxied);
  else return true;
  return false;
}
