import type { Rule } from "./rule.ts";
import { translated } from "./rule.ts";
import { childrenIn } from "./run.ts";

/** `aliases`: scripts of package.json, `npm run console`. */
export const aliases: Rule = translated(
  "scripts of the project's package.json, `npm run console`; of commands that Slipway has",
  (cursor, run) => {
    if (cursor.node.kind !== "map") {
      run.ask(cursor, "should be a map of commands");
      return [];
    }
    for (const child of childrenIn(cursor)) {
      const name = String(child.path.at(-1));
      const written = child.node.kind === "scalar" ? child.node.text : "";
      const command = commandOf(written);
      if (command === undefined) {
        run.ask(child, `has no counterpart: slipway --help lists the commands`);
        continue;
      }
      run.scripts.set(name, command);
      run.translate(child, `is npm run ${name}: ${command}`);
    }
    return [];
  },
);

interface Split {
  readonly flags: readonly string[];
  readonly rest: readonly string[];
}

/** @example commandOf('app exec --interactive --reuse "bin/rails console"') // "slipway exec -i --reuse -- bin/rails console" */
export function commandOf(written: string): string | undefined {
  const words = written.match(/"(?:[^"\\]|\\.)*"|'[^']*'|\S+/g) ?? [];
  const [noun = "", verb = "", ...more] = words;
  const with_ = (command: string, { flags, rest }: Split, separator = "") =>
    [command, ...flags, ...(rest.length === 0 ? [] : [...(separator === "" ? [] : [separator]), ...rest])].join(" ");
  const split = flagsOf(more);
  if (split === undefined) return undefined;
  if (noun === "app" && verb === "exec") {
    const rest = split.rest.map((word) => (split.rest.length === 1 ? word.replace(/^(["'])([\s\S]*)\1$/, "$2") : word));
    return with_("slipway exec", { ...split, rest }, "--");
  }
  if (noun === "app" && verb === "logs") return with_("slipway logs", split);
  if (noun === "app" && (verb === "details" || verb === "containers")) return "slipway status";
  if (noun === "app" && (verb === "version" || verb === "images")) return "slipway releases";
  if (noun === "app" && verb === "boot") return "slipway deploy";
  if (noun === "accessory" && ["logs", "exec", "restart", "stop", "start", "details"].includes(verb)) {
    const [name, ...rest] = split.rest;
    if (name === undefined) return undefined;
    const plain = rest.map((word) => (rest.length === 1 ? word.replace(/^(["'])([\s\S]*)\1$/, "$2") : word));
    return with_(`slipway accessory ${verb}`, { flags: [...split.flags, name], rest: plain }, verb === "exec" ? "--" : "");
  }
  if (["deploy", "redeploy", "setup"].includes(noun) && verb === "") return "slipway deploy";
  if (noun === "details" && verb === "") return "slipway status";
  return noun === "rollback" ? "slipway rollback" : undefined;
}

const FLAGS: Readonly<Record<string, string>> = {
  "-i": "-i",
  "--interactive": "-i",
  "--reuse": "--reuse",
  "-it": "-i",
  "-f": "-f",
  "--follow": "-f",
  "--raw": "--raw",
  "-p": "",
  "--primary": "",
};
const WITH_VALUE: Readonly<Record<string, string>> = {
  "-r": "--role",
  "--roles": "--role",
  "--role": "--role",
  "-h": "--host",
  "--hosts": "--host",
  "-n": "-n",
  "--lines": "-n",
  "-s": "-s",
  "--since": "-s",
  "-g": "-g",
  "--grep": "-g",
};

/** `undefined`: one of them has no counterpart. */
function flagsOf(words: readonly string[]): Split | undefined {
  const flags: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const [name = "", value] = word.split("=", 2);
    if (!word.startsWith("-")) return { flags, rest: [...words.slice(at)] };
    const plain = FLAGS[word];
    const valued = WITH_VALUE[name];
    if (plain !== undefined) flags.push(...(plain === "" ? [] : [plain]));
    else if (valued !== undefined) flags.push(valued, value ?? words[++at] ?? "");
    else return undefined;
  }
  return { flags, rest: [] };
}
