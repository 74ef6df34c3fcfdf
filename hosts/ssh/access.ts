import { z } from "zod";
import { pinFor } from "../../core/address.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { expandHome } from "../../core/key-files.ts";
import { homeFolder } from "../../core/this-user.ts";
import type { Seconds } from "../../core/words.ts";

/** A jump host. */
export interface Jump {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Pinned, as in `Address`. */
  readonly hostKey?: string | undefined;
}

/** How *this* operator authenticates. From `slipway:ssh` and the environment; never enters state. */
export interface Access {
  /** Private key files. Empty: the default keys in `~/.ssh` that exist. */
  readonly keys: readonly string[];
  /** Private keys as text (secret). */
  readonly keyData: readonly string[];
  /** Socket of the ssh-agent. */
  readonly agent: string | undefined;
  /** What the environment says yields to `IdentityAgent` of `~/.ssh/config`. */
  readonly agentFrom: "config" | "environment";
  readonly knownHosts: readonly string[];
  /** `ssh_config` files; empty is off. */
  readonly sshConfig: readonly string[];
  readonly jump: Jump | undefined;
  /** For one connection, from name lookup to authentication. Default 10. */
  readonly connectTimeout: Seconds;
  /** For one answer of Docker. Default 30. */
  readonly dockerTimeout: Seconds;
  /** Awaited before each connection; what makes them possible is done at the first. A failure is that of the connection. */
  readonly before?: () => Promise<void>;
  /** The operator's home folder, for `~`. */
  readonly home: string;
}

const OneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

/** The part of `slipway:ssh` that is used here; config/ reports wrong and unknown keys with their path. */
const SshConfig = z.object({
  keys: OneOrMore.optional(),
  key_data: OneOrMore.optional(),
  agent: z.union([z.boolean(), z.string()]).optional(),
  host_keys: z.record(z.string(), z.string()).optional(),
  known_hosts: OneOrMore.optional(),
  config: z.union([z.boolean(), OneOrMore]).optional(),
  proxy: z.string().optional(),
  connect_timeout: z.number().positive().optional(),
  docker_timeout: z.number().positive().optional(),
});

/**
 * Reads the text of `slipway:ssh` (JSON, snake_case keys as in Kamal). Pure: it reads no file.
 *
 * @example parseAccess('{"keys":"~/.ssh/deploy","agent":false}', process.env)
 */
export function parseAccess(sshConfigJson: string | undefined, env: NodeJS.ProcessEnv): Access {
  const given = readConfig(sshConfigJson);
  const home = homeFolder(env);
  const expanded = (files: readonly string[]) => files.map((file) => expandHome(file, home));
  return {
    keys: expanded(given.keys ?? []),
    keyData: given.key_data ?? [],
    agent: agentSocket(given.agent ?? true, env, home),
    agentFrom: (given.agent ?? true) === true ? "environment" : "config",
    knownHosts: expanded(given.known_hosts ?? ["~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts"]),
    sshConfig: expanded(sshConfigFiles(given.config ?? true)),
    jump: given.proxy === undefined ? undefined : jumpHost(given.proxy, given.host_keys ?? {}),
    connectTimeout: given.connect_timeout ?? 10,
    dockerTimeout: given.docker_timeout ?? 30,
    home,
  };
}

function readConfig(json: string | undefined): z.infer<typeof SshConfig> {
  if (json === undefined || json.trim() === "") return {};
  try {
    return SshConfig.parse(JSON.parse(json));
  } catch (cause) {
    throw new SlipwayError(
      {
        code: "SSH_CONFIG_INVALID",
        what: "slipway:ssh cannot be read",
        // The text may contain a private key: report paths and rules of the schema, never the parser's excerpt.
        evidence: cause instanceof z.ZodError ? cause.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) : [],
        servesNow: NOTHING_TOUCHED,
        next: "correct slipway:ssh in the stack's config",
      },
      cause instanceof z.ZodError ? { cause } : undefined,
    );
  }
}

function agentSocket(agent: boolean | string, env: NodeJS.ProcessEnv, home: string): string | undefined {
  if (agent === false) return undefined;
  return agent === true ? env.SSH_AUTH_SOCK || undefined : expandHome(agent, home);
}

function sshConfigFiles(config: boolean | readonly string[]): readonly string[] {
  if (config === false) return [];
  return config === true ? ["~/.ssh/config"] : config;
}

function jumpHost(text: string, hostKeys: Readonly<Record<string, string>>): Jump {
  const jump = parseDestination(text);
  if (jump === undefined)
    throw new SlipwayError({
      code: "SSH_CONFIG_INVALID",
      what: `slipway:ssh.proxy: ${JSON.stringify(text)} is not user@host:port`,
      servesNow: NOTHING_TOUCHED,
      next: "write it as deploy@bastion.example.com:22 or deploy@[2001:db8::1]:22",
    });
  return { address: jump.address, port: jump.port ?? 22, user: jump.user ?? "root", hostKey: pinFor(hostKeys, jump.address) };
}

/** `[user@]host[:port]`, with or without `ssh://`; an IPv6 address with a port is in brackets. */
export function parseDestination(text: string): { user?: string; address: string; port?: number } | undefined {
  const match = /^(?:ssh:\/\/)?(?:([^@\s]+)@)?(?:\[([^\]]+)\]|([^\s:/]+)|([0-9A-Fa-f:.]+(?:%[\w.-]+)?))(?::(\d{1,5}))?\/?$/.exec(
    text,
  );
  const address = match?.[2] ?? match?.[3] ?? match?.[4];
  if (match === null || address === undefined) return undefined;
  return {
    ...(match[1] === undefined ? {} : { user: match[1] }),
    address,
    ...(match[5] === undefined ? {} : { port: Number(match[5]) }),
  };
}
