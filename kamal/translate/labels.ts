import { type Entry, entry } from "../yaml/tree.ts";
import { copy } from "./copy.ts";
import { type Rule, translated } from "./rule.ts";
import { type Cursor, childrenIn, type Run } from "./run.ts";

/** Labels of a role or of all. `name` is what Kamal itself writes into the label service. */
export const labels = (serviceOf: (run: Run, cursor: Cursor) => string): Rule<unknown> => ({
  ...translated("labels of Traefik are not needed; reserved names are by hand", (cursor, run, { to, key }) => {
    if (cursor.node.kind !== "map") {
      run.ask(cursor, "should be a map of labels");
      return [];
    }
    const { node } = cursor;
    const entries = childrenIn(cursor).flatMap((child): Entry[] => {
      const name = String(child.path.at(-1));
      const own = node.entries.find((one) => one.key === name);
      if (/^traefik\./.test(name)) return traefik(child, run);
      if (/^(?:service|role|destination)$/.test(name)) return reserved(child, name, serviceOf(run, cursor), run);
      const value = copy(child, run, [...to, key, name], "text");
      return value === undefined || own === undefined ? [] : [{ ...own, value }];
    });
    return entries.length === 0 ? [] : [entry(key, { ...node, entries })];
  }),
  status: "same",
});

function traefik(cursor: Cursor, run: Run): [] {
  run.translate(cursor, "not needed: kamal-proxy routes by slipway:proxy, and reads no labels of Traefik");
  return [];
}

function reserved(cursor: Cursor, name: string, value: string, run: Run): [] {
  const isSame = name === "service" && cursor.node.kind === "scalar" && cursor.node.text === value;
  if (isSame) run.translate(cursor, "not needed: Kamal and Slipway set this label themselves");
  else run.ask(cursor, "is a label that finds the containers: remove it, or give it another name");
  return [];
}
