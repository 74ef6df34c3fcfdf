import { readFile } from "node:fs/promises";
import type { AnyAuthMethod, AuthHandlerMiddleware, BaseAgent, ParsedKey } from "ssh2";
import { messageOf } from "../../core/error.ts";
import { expandHome, USUAL_KEYS } from "../../core/key-files.ts";
import type { Access } from "./access.ts";
import { type AgentKey, keysOfAgent } from "./agent.ts";
import type { Hop } from "./hop.ts";
import { fingerprint } from "./host-keys.ts";

/** A key to offer to the host. Its label is a path or names the agent, never the key itself. */
type Identity =
  | { readonly kind: "key"; readonly label: string; readonly key: ParsedKey }
  | { readonly kind: "agent key"; readonly label: string; readonly agent: BaseAgent }
  | { readonly kind: "unusable"; readonly label: string; readonly why: string };

/** What a key file is. */
type KeyFile = Identity & {
  /** In wire form; of an encrypted or missing private key, from the file beside it that ends in `.pub`. */
  readonly blob?: Buffer | undefined;
};

/**
 * Everything to offer, in this order: keys of the config, keys that `~/.ssh/config` names, the other keys of the agent, the default key
 * files. The agent replaces a named file that has only the public key, or an encrypted one. With IdentitiesOnly, the agent's other
 * keys are not offered.
 */
export async function gatherIdentities(hop: Hop, access: Access): Promise<readonly Identity[]> {
  const {
    default: { utils },
  } = await import("ssh2");
  const parse = (label: string, text: string): KeyFile => {
    const parsed: ParsedKey | Error = utils.parseKey(text);
    if (parsed instanceof Error)
      return unusable(label, /passphrase/i.test(parsed.message) ? ENCRYPTED : "not a readable private key");
    const blob = parsed.getPublicSSH();
    return parsed.isPrivateKey() ? { kind: "key", label, key: parsed, blob } : { ...unusable(label, PUBLIC), blob };
  };
  const read = async (file: string): Promise<KeyFile> => {
    try {
      return parse(file, await readFile(file, "utf8"));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return unusable(file, code === "ENOENT" ? MISSING : `cannot be read (${code ?? "unknown"})`);
    }
  };
  const fromFile = async (file: string): Promise<KeyFile> => {
    const key = await read(file);
    return key.kind !== "unusable" || key.blob !== undefined ? key : { ...key, blob: (await read(`${file}.pub`)).blob };
  };
  const files = async (names: readonly string[]) => Promise.all(names.map(fromFile));
  const given = access.keyData.map((text, index) => parse(`slipway:ssh.key_data[${index}]`, text));
  const isNamed = access.keys.length + given.length + hop.identities.length > 0;
  const [ofConfig, ofSshConfig, usual, { held, trouble }] = await Promise.all([
    files(access.keys),
    files(hop.identities),
    files(isNamed ? [] : USUAL_KEYS.map((file) => expandHome(file, access.home))),
    askAgent(hop.agent),
  ]);
  const named = [...ofConfig, ...given, ...ofSshConfig];
  const offered = [...named, ...usual];
  const ofAgent = (key: KeyFile): Identity => {
    const match = key.kind === "unusable" ? held.find(({ blob }) => key.blob?.equals(blob)) : undefined;
    return match === undefined ? key : { kind: "agent key", label: `${key.label}, in the ssh-agent`, agent: match.agent };
  };
  const others: Identity[] = hop.identitiesOnly
    ? []
    : held
        .filter(({ blob }) => !offered.some((key) => key.blob?.equals(blob)))
        .map(({ blob, comment, agent }) => ({
          kind: "agent key",
          label: `ssh-agent key ${[comment, fingerprint(blob)].filter(Boolean).join(" ")}`,
          agent,
        }));
  return [...named.map(ofAgent), ...others, ...trouble, ...usual.map(ofAgent).filter((identity) => !isMissing(identity))];
}

async function askAgent(
  socket: string | undefined,
): Promise<{ readonly held: readonly AgentKey[]; readonly trouble: readonly Identity[] }> {
  if (socket === undefined) return { held: [], trouble: [] };
  const label = `ssh-agent at ${socket}`;
  try {
    const held = await keysOfAgent(socket);
    return { held, trouble: held.length === 0 ? [unusable(label, "it holds no key")] : [] };
  } catch (error) {
    return { held: [], trouble: [unusable(label, messageOf(error))] };
  }
}

const ENCRYPTED = "encrypted with a passphrase";
const MISSING = "no such file";
const PUBLIC = "a public key, and no ssh-agent has its private key";
const unusable = (label: string, why: string): Extract<KeyFile, { kind: "unusable" }> => ({ kind: "unusable", label, why });
const isMissing = (identity: Identity): boolean => identity.kind === "unusable" && identity.why === MISSING;

/**
 * Offers the identities one after the other, and records the result of each. At last it asks to be let in without any, which some servers
 * (Tailscale) do. ssh asks that first, which would cost every login a round trip.
 */
export class Authentication {
  readonly #user: string;
  readonly #identities: readonly Identity[];
  readonly #offered: string[] = [];
  #next = 0;
  #current: string | undefined;
  #isAsked = false;
  /** What the server accepts; known after its first answer. */
  #accepts: readonly string[] | undefined;
  #exhausted = false;

  constructor(user: string, identities: readonly Identity[]) {
    this.#user = user;
    this.#identities = identities;
  }

  /** Every identity was offered and refused. */
  get exhausted(): boolean {
    return this.#exhausted;
  }

  /** For ssh2. */
  readonly handler: AuthHandlerMiddleware = (left, _partial, next) => {
    this.#accepts = left ?? this.#accepts;
    if (this.#current !== undefined) this.#offered.push(`${this.#current}: refused`);
    this.#current = undefined;
    const identity = this.#takesKeys
      ? this.#identities.slice(this.#next).find((candidate) => candidate.kind !== "unusable")
      : undefined;
    if (identity === undefined && !this.#isAsked) {
      this.#isAsked = true;
      return next({ type: "none", username: this.#user });
    }
    if (identity === undefined) {
      this.#exhausted = true;
      // ssh2 takes `false` for "no more"; its types know only methods.
      return next(false as unknown as AnyAuthMethod);
    }
    this.#next = this.#identities.indexOf(identity) + 1;
    this.#current = identity.label;
    return next(
      identity.kind === "agent key"
        ? { type: "agent", username: this.#user, agent: identity.agent }
        : { type: "publickey", username: this.#user, key: identity.key },
    );
  };

  /** Its first answer may leave the list empty. */
  get #takesKeys(): boolean {
    return this.#accepts === undefined || this.#accepts.length === 0 || this.#accepts.includes("publickey");
  }

  /** The server ended the connection after several keys, as sshd does after MaxAuthTries. */
  get #isCutShort(): boolean {
    return this.#current !== undefined && this.#offered.length > 0;
  }

  /** The agent itself failed; ssh2 continues with the next identity. */
  agentFailed(why: string): void {
    this.#offered.push(`${this.#current ?? "ssh-agent"}: ${why}`);
    this.#current = undefined;
  }

  /** One line for each identity: its result. */
  get evidence(): readonly string[] {
    const tries = this.#offered.length + 1;
    const cut = [
      ...(this.#current === undefined ? [] : [`${this.#current}: no answer`]),
      ...(this.#isCutShort ? [`the server ended the login after ${tries} keys (MaxAuthTries)`] : []),
      ...(this.#takesKeys ? [] : [`the server accepts no keys for this user, only: ${this.#accepts?.join(", ")}`]),
    ];
    const lines = [
      ...this.#offered,
      ...cut,
      ...this.#identities.flatMap((identity) => (identity.kind === "unusable" ? [`${identity.label}: ${identity.why}`] : [])),
    ];
    return lines.length > 0 ? lines : ["found no key file and no ssh-agent"];
  }

  /** The next step after a refusal. */
  next(host: string): string {
    if (!this.#takesKeys) return `allow keys for ${this.#user} in sshd_config on the host: PubkeyAuthentication yes`;
    if (this.#isCutShort)
      return "offer fewer keys: name the right one in slipway:ssh.keys and set slipway:ssh.agent to false, or IdentityFile with IdentitiesOnly yes in ~/.ssh/config";
    const encrypted = this.#identities.find((identity) => identity.kind === "unusable" && identity.why === ENCRYPTED);
    if (encrypted !== undefined) return `unlock the key with ssh-agent: ssh-add ${encrypted.label}`;
    const missing = this.#identities.find(isMissing);
    if (missing !== undefined) return `correct the key file ${missing.label} in slipway:ssh.keys`;
    return `authorize the key: ssh-copy-id ${this.#user}@${host}, or set a different one in slipway:ssh.keys`;
  }
}
