import { type Entry, entry, type Path, textNode, valueNode } from "../yaml/tree.ts";
import { copy } from "./copy.ts";
import { byHand, type Rule, type Rules, same, section, translated, unneeded } from "./rule.ts";
import { type Cursor, childAt, childrenIn, type Run } from "./run.ts";

const SSH: Rules<Cursor> = {
  user: same("text"),
  port: same("number"),
  proxy: same("text", "a jump host"),
  proxy_command: translated("`proxy`, if it is `ssh -W %h:%p host`", proxyCommand),
  keys: same("list"),
  key_data: translated("names of secrets; a key in the file is by hand", keyData),
  keys_only: translated("`agent: false`, with keys", keysOnly),
  config: same("any"),
  log_level: unneeded("an error has what SSH said"),
  forward_agent: unneeded("nothing on a host asks for your keys"),
};

export const ssh: Rule<unknown> = {
  status: "same",
  note: "",
  below: SSH,
  apply: (cursor, run, target) => section(SSH).apply(cursor, run, target, cursor),
};

export const sshkit: Rule<unknown> = {
  ...unneeded("each host has one connection"),
  below: {
    max_concurrent_starts: unneeded("each host has one connection"),
    pool_idle_timeout: unneeded("each host has one connection"),
    dns_retries: unneeded("each host has one connection"),
  },
};

function keysOnly(cursor: Cursor, run: Run, { to }: { readonly to: Path }, section: Cursor): Entry[] {
  const hasKeys = ["keys", "key_data"].some((key) => childAt(section, key) !== undefined);
  const isOn = cursor.node.kind === "scalar" && cursor.node.value === true;
  if (!isOn || !hasKeys) {
    run.translate(
      cursor,
      isOn ? "not needed: without keys, those of ~/.ssh are used, as in Kamal" : "not needed: it is the default",
    );
    return [];
  }
  run.translate(cursor, "is agent: false; remove it if the key has a passphrase that your agent knows", [...to, "agent"]);
  return [entry("agent", valueNode(false, cursor.node))];
}

/** Names of secrets; a key itself is nothing for a file. */
function keyData(cursor: Cursor, run: Run, { to, key }: { readonly to: Path; readonly key: string }): Entry[] {
  const all = cursor.node.kind === "list" ? childrenIn(cursor) : [cursor];
  const isNamed = all.every(({ node }) => node.kind === "scalar" && /^[A-Za-z_]\w*$/.test(node.text));
  if (!isNamed) {
    run.ask(cursor, "has a key itself: set it as a secret, and write the secret's name here");
    return [];
  }
  for (const { node } of all) if (node.kind === "scalar") run.secrets.need(node.text);
  const value = copy(cursor, run, [...to, key], "list");
  return value === undefined ? [] : [entry(key, value)];
}

function proxyCommand(cursor: Cursor, run: Run, { to }: { readonly to: Path }): Entry[] {
  const text = cursor.node.kind === "scalar" ? cursor.node.text : "";
  const [, jump] = /^ssh\s+-W\s+%h:%p\s+(\S+)$/.exec(text.replace(/\s+-q\b|-q\s+/g, " ").trim()) ?? [];
  if (jump === undefined) {
    run.ask(cursor, "a command that connects is not supported: write a jump host under ssh.proxy, user@host:port");
    return [];
  }
  run.translate(cursor, "is ssh.proxy", [...to, "proxy"]);
  return [entry("proxy", textNode(jump, cursor.node))];
}

export const output: Rule<unknown> = {
  ...byHand("log output of Kamal itself: redirect what the commands print; --json is for machines"),
  below: {
    "otel.endpoint": byHand("no OpenTelemetry: --json of the commands is for machines"),
    "file.path": byHand("redirect what the command prints"),
  },
};
