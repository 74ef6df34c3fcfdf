import { z } from "zod";
import type { Seconds } from "../../core/words.ts";
import { faultOf, plainText, type Secrets, setSecret } from "../env/secret.ts";
import { isAddress, isEnvName, isIP } from "../schema/name.ts";
import { portNumber } from "../schema/port.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { secondsFrom } from "../schema/seconds.ts";
import { field, section } from "../schema/section.ts";

/** How hosts are reached. `user`, `port` and `hostKeys` are also in each `Host`. */
export interface Ssh {
  readonly user: string;
  readonly port: number;
  /** Key files; empty means OpenSSH's defaults in ~/.ssh. */
  readonly keys: readonly string[];
  /** Private keys in plain text: never in state, never in an output. */
  readonly keyData: readonly string[];
  /** true: the agent of the environment; text: the path of its socket. */
  readonly agent: boolean | string;
  /** Host name or address → `ssh-ed25519 AAAA…`. */
  readonly hostKeys: Readonly<Record<string, string>>;
  readonly knownHosts: readonly string[];
  /** Files of OpenSSH client configuration; empty means that none is read. */
  readonly config: readonly string[];
  readonly jump: Jump | undefined;
  readonly connectTimeout: Seconds;
  readonly dockerTimeout: Seconds;
}

export interface Jump {
  readonly user: string;
  readonly address: string;
  readonly port: number;
}

const files = z.union([z.string().min(1), z.array(z.string().min(1))]);

export const SshSection = section(
  {
    user: field(z.string().regex(/^[a-z_][a-z0-9_.-]*\$?$/i, { error: "is not a valid user name" }), {
      is: "User on the hosts, who must be allowed to use Docker.",
      default: "root",
      example: "deploy",
    }),
    port: field(portNumber, { is: "Port of SSH.", default: 22, example: 2222 }),
    keys: field(files, {
      is: "Private key files.",
      otherwise: "id_ed25519, id_ecdsa and id_rsa of ~/.ssh",
      example: ["~/.ssh/deploy"],
    }),
    key_data: field(files, {
      is: "Private keys: encrypted values, or names of secrets.",
      otherwise: "none",
      refused: "in plain text",
      example: ["DEPLOY_KEY"],
      secret: true,
    }),
    agent: field(z.union([z.boolean(), z.string().min(1)]), {
      is: "Whether the SSH agent is used, or the path of its socket.",
      default: true,
      example: false,
    }),
    host_keys: field(z.record(z.string(), z.string()), {
      is: "The public keys that hosts must present, by host name or address.",
      otherwise: "the keys in known_hosts",
      refused: "anything but a public key; a name of no host while a host has no pinned key",
      example: { "web-1": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW" },
    }),
    known_hosts: field(files, {
      is: "Files of known host keys.",
      default: ["~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts"],
      example: "./known_hosts",
    }),
    config: field(z.union([z.boolean(), files]), {
      is: "Whether ~/.ssh/config is read, or the files to read instead.",
      default: true,
      example: false,
    }),
    proxy: field(z.string(), { is: "A jump host, `user@host:port`.", otherwise: "none", example: "root@bastion.example.com" }),
    connect_timeout: field(secondsFrom(1), { is: "Timeout of a connection, in seconds.", default: 10, example: 20 }),
    docker_timeout: field(secondsFrom(1), {
      is: "How long a host's Docker may take to answer a call, in seconds. A stop may take its grace in addition, and a pull lasts as long as it makes progress.",
      default: 30,
      example: 60,
    }),
  },
  {
    keys_only: "write agent: false",
    proxy_command: "not supported: write a jump host under proxy, user@host:port",
    log_level: "not needed: an error has what SSH said",
    forward_agent: "not needed: nothing on a host asks for your keys",
  },
);
type SshInput = z.infer<typeof SshSection>;

export function resolveSsh(
  input: SshInput = {},
  secrets: Secrets | undefined,
  sealed: ReadonlySet<string>,
  place: ConfigPath,
): Ssh {
  return {
    user: input.user ?? "root",
    port: input.port ?? 22,
    keys: listOf(input.keys),
    keyData: resolveKeyData(input.key_data, secrets, sealed, place.at("key_data")),
    agent: input.agent ?? true,
    hostKeys: Object.fromEntries(
      Object.entries(input.host_keys ?? {}).map(([host, key]) => [host, resolveHostKey(key, place.at("host_keys", host))]),
    ),
    knownHosts: input.known_hosts === undefined ? ["~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts"] : listOf(input.known_hosts),
    config: resolveConfigFiles(input.config),
    jump: input.proxy === undefined ? undefined : resolveJump(input.proxy, place.at("proxy")),
    connectTimeout: input.connect_timeout ?? 10,
    dockerTimeout: input.docker_timeout ?? 30,
  };
}

const listOf = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat());

function resolveConfigFiles(value: SshInput["config"] = true): string[] {
  if (typeof value === "boolean") return value ? ["~/.ssh/config"] : [];
  return listOf(value);
}

function resolveKeyData(
  value: string | string[] | undefined,
  secrets: Secrets | undefined,
  sealed: ReadonlySet<string>,
  place: ConfigPath,
): string[] {
  return listOf(value).map((entry, at) => {
    const here = Array.isArray(value) ? place.at(at) : place;
    const path = Array.isArray(value) ? `ssh.key_data[${at}]` : "ssh.key_data";
    if (isEnvName(entry)) return secrets?.lookUp(entry, here, "login") ?? "";
    const fault = faultOf(entry);
    if (!sealed.has("ssh")) here.refuse(plainText(path));
    else if (fault) here.refuse(`${fault}: ${setSecret(path)}`);
    return entry;
  });
}

const KEY = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) ([A-Za-z0-9+/]+={0,2})(?:\s.*)?$/;

/** The key as `type base64`, without its comment. */
export function resolveHostKey(text: string, place: ConfigPath): string {
  const [, type = "", data = ""] = KEY.exec(text.trim()) ?? [];
  const inner = Buffer.from(data, "base64");
  if (type === "" || inner.toString("latin1", 4, 4 + type.length) !== type)
    place.refuse("is not a public host key: copy a line of ssh-keyscan, without the host: ssh-ed25519 AAAA…");
  return `${type} ${data}`;
}

function resolveJump(text: string, place: ConfigPath): Jump {
  const [, user = "root", bracketed, bare = "", port = "22"] =
    /^(?:([^@\s]+)@)?(?:\[([^\]]+)\]|([^:\s]+))(?::(\d+))?$/.exec(text) ?? [];
  const address = bracketed ?? bare;
  if (!isAddress(address) || Number(port) < 1 || Number(port) > 65535)
    place.refuse(`is not user@host:port${isIP(text.replace(/^[^@]*@/, "")) === 6 ? "; write an IPv6 address in brackets" : ""}`);
  return { user, address, port: Number(port) };
}
