import { type Entry, entry, type Path, type Tree, textNode } from "../yaml/tree.ts";
import { copy } from "./copy.ts";
import { isOfEnvironment, secretList } from "./env.ts";
import type { RegistryFacts } from "./facts.ts";
import { type Rule, type Rules, same, translated, translateKeys } from "./rule.ts";
import { type Cursor, childrenIn, type Run } from "./run.ts";

/** The secret for a password that Kamal's file computes or has in clear text. */
const PASSWORD = "KAMAL_REGISTRY_PASSWORD";

const KEYS: Rules<RegistryFacts> = {
  server: {
    ...translated("a path behind it is a part of the image", (cursor, run, { to, key }, registry) => {
      if (registry.kind === "none" || registry.path === "") {
        const value = copy(cursor, run, [...to, key], "text");
        return value === undefined ? [] : [entry(key, value)];
      }
      run.translate(cursor, `is ${registry.server}: its path is a part of the image`, [...to, key]);
      return [entry(key, textNode(registry.server, cursor.node))];
    }),
    status: "same",
  },
  username: {
    ...same("text", "text, or [NAME] of a secret"),
    apply: (cursor, run, { to, key }) => credential(cursor, run, [...to, key], key),
  },
  password: translated("[NAME] of a secret; what is computed or plain text becomes one", password),
};

/** A login of an accessory's own. */
export const accessoryRegistry: Rule<unknown> = {
  status: "same",
  note: "",
  below: KEYS,
  apply: (cursor, run, { to, key }) => loginOf(cursor, run, [...to, key], key, { kind: "login", server: "", path: "" }),
};

/** `registry` of the root. */
export const registry: Rule<unknown> = {
  status: "translated",
  note: "a registry on localhost, or without a login, is left out",
  below: KEYS,
  apply: (cursor, run, { to, key }) => {
    const facts = run.facts.registry;
    if (cursor.node.kind !== "map") {
      run.ask(cursor, "should be a map: server, username, password");
      return [];
    }
    if (facts.kind === "none") {
      run.translate(cursor, "not needed: hosts get the image from this machine, through SSH");
      return [];
    }
    if (facts.kind === "open") {
      for (const child of childrenIn(cursor))
        if (child.path.at(-1) === "server")
          run.translate(child, "is the beginning of the image: a registry without a login needs no more");
        else run.ask(child, "a login has a username and a password: add what is missing");
      return [];
    }
    return loginOf(cursor, run, [...to, key], key, facts);
  },
};

function loginOf(cursor: Cursor, run: Run, to: Path, key: string, facts: RegistryFacts): Entry[] {
  const entries = translateKeys(cursor, KEYS, run, to, facts);
  return entries === undefined ? [] : [entry(key, { kind: "map", entries, isFlow: false, at: cursor.node.at })];
}

function credential(cursor: Cursor, run: Run, to: Path, key: string): Entry[] {
  for (const { node } of cursor.node.kind === "list" ? childrenIn(cursor) : [])
    if (node.kind === "scalar") run.secrets.need(node.text);
  const value = copy(cursor, run, to, "text");
  return value === undefined ? [] : [entry(key, value)];
}

function password(cursor: Cursor, run: Run, { to, key }: { readonly to: Path; readonly key: string }): Entry[] {
  const { node } = cursor;
  const place = [...to, key];
  if (node.kind !== "scalar") return credential(cursor, run, place, key);
  const [origin] = node.origins;
  const variable = origin?.kind === "env" || origin?.kind === "unset" ? origin.name : undefined;
  const name = run.secrets.move(variable ?? PASSWORD, String(cursor.path.at(-3) ?? "registry"), {
    value: node.text,
    at: node.at,
    variable,
    isKnown: !node.isUnknown,
    isOfEnvironment: isOfEnvironment(node),
  });
  if (origin?.kind === "command" && run.mode === "written once")
    run.ask(
      cursor,
      `is printed by \`${origin.command}\` for each deploy: set the secret ${name} from it before each run, as a token of some hours is not enough for a host that pulls later`,
      place,
    );
  else run.translate(cursor, `is the secret ${name} here`, place);
  const value: Tree = secretList(name, node);
  return [entry(key, { ...value, comment: node.comment })];
}
