import { type Entry, entry, mapNode, textNode } from "../yaml/tree.ts";
import type { Rule } from "./rule.ts";
import { translated } from "./rule.ts";
import { childrenIn } from "./run.ts";

/** `aliases`: `slipway:aliases`, `slipway console`. */
export const aliases: Rule<unknown> = translated(
  "`slipway console`; of commands that Slipway has",
  (cursor, run, { to, key }) => {
    if (cursor.node.kind !== "map") {
      run.ask(cursor, "should be a map of commands");
      return [];
    }
    const entries: Entry[] = [];
    for (const child of childrenIn(cursor)) {
      const name = String(child.path.at(-1));
      const written = child.node.kind === "scalar" ? child.node.text : "";
      const command = commandOf(written);
      if (command === undefined) {
        run.ask(child, `has no counterpart: slipway --help lists the commands`);
        continue;
      }
      // A command of ours keeps its name: `logs` is a usual alias in Kamal.
      if (command.split(" ", 2)[1] === name) {
        run.translate(child, `is ${command}: ${name} is a command of slipway, which needs no alias`);
        continue;
      }
      run.translate(child, `is slipway ${name}: ${command}`, [...to, key, name]);
      entries.push(entry(name, textNode(command.replace(/^slipway /, ""), child.node)));
    }
    return entries.length === 0 ? [] : [entry(key, mapNode(entries, cursor.node))];
  },
);

interface Split {
  readonly flags: readonly string[];
  readonly rest: readonly string[];
}

/** @example commandOf('app exec --interactive --reuse "bin/rails console"') // "slipway exec -i --reuse -- bin/rails console" */
export function commandOf(written: string): string | undefined {
  const [noun = "", verb = "", ...more] = written.match(/"(?:[^"\\]|\\.)*"|'[^']*'|\S+/g) ?? [];
  if (noun === "accessory") return accessoryCommand(verb, more);
  if (noun === "app" && (verb === "exec" || verb === "logs")) {
    const split = flagsOf(more, OF_APP);
    if (split === undefined) return undefined;
    return verb === "exec" ? withCommand("slipway exec", split) : ["slipway logs", ...split.flags, ...split.rest].join(" ");
  }
  return more.length === 0 ? PLAIN[[noun, verb].join(" ").trim()] : undefined;
}

/** Without flags of their own. */
const PLAIN: Readonly<Record<string, string>> = {
  "app details": "slipway status",
  "app containers": "slipway status",
  "app version": "slipway releases",
  "app images": "slipway releases",
  "app boot": "slipway deploy",
  deploy: "slipway deploy",
  redeploy: "slipway deploy",
  setup: "slipway deploy",
  details: "slipway status",
};

function accessoryCommand(verb: string, [name = "", ...more]: readonly string[]): string | undefined {
  if (name === "" || name.startsWith("-")) return undefined;
  const split = flagsOf(more, OF_ACCESSORY);
  if (split === undefined) return undefined;
  if (verb === "exec") return withCommand(`slipway accessory exec ${name}`, split);
  const isKnown = ["logs", "restart", "stop", "start", "details"].includes(verb) && split.rest.length === 0;
  return isKnown ? [`slipway accessory ${verb} ${name}`, ...split.flags].join(" ") : undefined;
}

/** A command in one pair of quotes is split where it is read, as Kamal has it split on the host. */
function withCommand(command: string, { flags, rest }: Split): string {
  const words = rest.length === 1 ? rest.map((word) => word.replace(/^(["'])([\s\S]*)\1$/, "$2")) : rest;
  return [command, ...flags, ...(words.length === 0 ? [] : ["--", ...words])].join(" ");
}

/** Kamal's flag → ours; an empty one is the default here. */
type Flags = Readonly<Record<string, string>>;

const OF_ACCESSORY: Flags = {
  "-i": "-i",
  "--interactive": "-i",
  "-it": "-i",
  "--reuse": "",
  "--raw": "--raw",
  "-f": "-f",
  "--follow": "-f",
};
const OF_APP: Flags = { ...OF_ACCESSORY, "--reuse": "--reuse", "-p": "", "--primary": "" };
const WITH_VALUE: Flags = {
  "-r": "--role",
  "--roles": "--role",
  "-h": "--host",
  "--hosts": "--host",
  "-n": "-n",
  "--lines": "-n",
  "-s": "--since",
  "--since": "--since",
  "-g": "--grep",
  "--grep": "--grep",
};

/** `undefined`: one of them has no counterpart. */
function flagsOf(words: readonly string[], plain: Flags): Split | undefined {
  const flags: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (!word.startsWith("-")) return { flags, rest: words.slice(at) };
    const [name = "", value] = word.split("=", 2);
    const valued = WITH_VALUE[name];
    if (plain[word] !== undefined) flags.push(...(plain[word] === "" ? [] : [plain[word]]));
    else if (valued !== undefined) flags.push(valued, value ?? words[++at] ?? "");
    else return undefined;
  }
  return { flags, rest: [] };
}
