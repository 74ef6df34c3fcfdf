import { readFile } from "node:fs/promises";
import type { AnyAuthMethod, AuthHandlerMiddleware, ParsedKey } from "ssh2";
import { expandHome, USUAL_KEYS } from "../../core/key-files.ts";
import type { Access } from "./access.ts";
import type { Hop } from "./hop.ts";

/** A key or agent to offer to the host. Its label is a path or the agent, never the key itself. */
type Identity =
  | { readonly kind: "key"; readonly label: string; readonly key: ParsedKey }
  | { readonly kind: "agent"; readonly label: string; readonly socket: string }
  | { readonly kind: "unusable"; readonly label: string; readonly why: string };

/** Everything to offer, in this order: keys of the config, the agent, keys of `~/.ssh/config`, the default key files. */
export async function gatherIdentities(hop: Hop, access: Access): Promise<readonly Identity[]> {
  const {
    default: { utils },
  } = await import("ssh2");
  const parse = (label: string, text: string): Identity => {
    const parsed: ParsedKey | Error = utils.parseKey(text);
    if (!(parsed instanceof Error))
      return parsed.isPrivateKey() ? { kind: "key", label, key: parsed } : unusable(label, "not a private key");
    return unusable(label, /passphrase/i.test(parsed.message) ? ENCRYPTED : "not a readable private key");
  };
  const fromFile = async (file: string): Promise<Identity> => {
    let text: string;
    try {
      text = await readFile(file, "utf8");
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return unusable(file, code === "ENOENT" ? MISSING : `cannot be read (${code ?? "unknown"})`);
    }
    return parse(file, text);
  };
  const named = await Promise.all(access.keys.map(fromFile));
  const given = access.keyData.map((text, index) => parse(`slipway:ssh.key_data[${index}]`, text));
  const fromSshConfig = await Promise.all(hop.identities.map(fromFile));
  const usual =
    access.keys.length + access.keyData.length + hop.identities.length > 0
      ? []
      : await Promise.all(USUAL_KEYS.map((file) => fromFile(expandHome(file, access.home))));
  const agent: Identity[] =
    access.agent === undefined ? [] : [{ kind: "agent", label: `ssh-agent at ${access.agent}`, socket: access.agent }];
  return [...named, ...given, ...agent, ...fromSshConfig, ...usual.filter((identity) => !isMissing(identity))];
}

const ENCRYPTED = "encrypted with a passphrase";
const MISSING = "no such file";
const unusable = (label: string, why: string): Identity => ({ kind: "unusable", label, why });
const isMissing = (identity: Identity): boolean => identity.kind === "unusable" && identity.why === MISSING;

/** Offers the identities one after the other and records the result of each. */
export class Authentication {
  readonly #user: string;
  readonly #identities: readonly Identity[];
  readonly #offered: string[] = [];
  #next = 0;
  #current: string | undefined;
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
  readonly handler: AuthHandlerMiddleware = (_left, _partial, next) => {
    if (this.#current !== undefined) this.#offered.push(`${this.#current}: refused`);
    this.#current = undefined;
    const identity = this.#identities.slice(this.#next).find((candidate) => candidate.kind !== "unusable");
    if (identity === undefined) {
      this.#exhausted = true;
      // ssh2 takes `false` for "no more"; its types know only methods.
      return next(false as unknown as AnyAuthMethod);
    }
    this.#next = this.#identities.indexOf(identity) + 1;
    this.#current = identity.label;
    return next(
      identity.kind === "agent"
        ? { type: "agent", username: this.#user, agent: identity.socket }
        : { type: "publickey", username: this.#user, key: identity.key },
    );
  };

  /** The agent itself failed; ssh2 continues with the next identity. */
  agentFailed(why: string): void {
    this.#offered.push(`${this.#current ?? "ssh-agent"}: ${why}`);
    this.#current = undefined;
  }

  /** One line for each identity: its result. */
  get evidence(): readonly string[] {
    const cut = this.#current === undefined ? [] : [`${this.#current}: no answer`];
    const lines = [
      ...this.#offered,
      ...cut,
      ...this.#identities.flatMap((identity) => (identity.kind === "unusable" ? [`${identity.label}: ${identity.why}`] : [])),
    ];
    return lines.length > 0 ? lines : ["found no key file and no ssh-agent"];
  }

  /** The next step after a refusal. */
  next(host: string): string {
    const encrypted = this.#identities.find((identity) => identity.kind === "unusable" && identity.why === ENCRYPTED);
    if (encrypted !== undefined) return `unlock the key with ssh-agent: ssh-add ${encrypted.label}`;
    const missing = this.#identities.find(isMissing);
    if (missing !== undefined) return `correct the key file ${missing.label} in slipway:ssh.keys`;
    return `authorize the key: ssh-copy-id ${this.#user}@${host}, or set a different one in slipway:ssh.keys`;
  }
}
