import { readFile } from "node:fs/promises";
import type { AnyAuthMethod, AuthHandlerMiddleware, ParsedKey } from "ssh2";
import { expandHome, USUAL_KEYS } from "../../core/key-files.ts";
import type { Access } from "./access.ts";
import type { Hop } from "./hop.ts";

/** One thing to show a host as proof of who we are. Its label is a path or the agent, never content. */
type Proof =
  | { readonly kind: "key"; readonly label: string; readonly key: ParsedKey }
  | { readonly kind: "agent"; readonly label: string; readonly socket: string }
  | { readonly kind: "unusable"; readonly label: string; readonly why: string };

/** What we have to show, in this order: keys of the config, the agent, keys of `~/.ssh/config`, the usual files. */
export async function gatherProofs(hop: Hop, access: Access): Promise<readonly Proof[]> {
  const {
    default: { utils },
  } = await import("ssh2");
  const parse = (label: string, text: string): Proof => {
    const parsed: ParsedKey | Error = utils.parseKey(text);
    if (!(parsed instanceof Error))
      return parsed.isPrivateKey() ? { kind: "key", label, key: parsed } : unusable(label, "not a private key");
    return unusable(label, /passphrase/i.test(parsed.message) ? ENCRYPTED : "not a private key that can be read");
  };
  const fromFile = async (file: string): Promise<Proof> => {
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
  const agent: Proof[] =
    access.agent === undefined ? [] : [{ kind: "agent", label: `ssh-agent at ${access.agent}`, socket: access.agent }];
  return [...named, ...given, ...agent, ...fromSshConfig, ...usual.filter((proof) => !isMissing(proof))];
}

const ENCRYPTED = "encrypted with a passphrase";
const MISSING = "no such file";
const unusable = (label: string, why: string): Proof => ({ kind: "unusable", label, why });
const isMissing = (proof: Proof): boolean => proof.kind === "unusable" && proof.why === MISSING;

/** Shows the proofs one after the other and remembers what became of each. */
export class Authentication {
  readonly #user: string;
  readonly #proofs: readonly Proof[];
  readonly #shown: string[] = [];
  #next = 0;
  #current: string | undefined;
  #exhausted = false;

  constructor(user: string, proofs: readonly Proof[]) {
    this.#user = user;
    this.#proofs = proofs;
  }

  /** Nothing is left to show: the host refused us. */
  get exhausted(): boolean {
    return this.#exhausted;
  }

  /** For ssh2. */
  readonly handler: AuthHandlerMiddleware = (_left, _partial, next) => {
    if (this.#current !== undefined) this.#shown.push(`${this.#current}: refused`);
    this.#current = undefined;
    const proof = this.#proofs.slice(this.#next).find((candidate) => candidate.kind !== "unusable");
    if (proof === undefined) {
      this.#exhausted = true;
      // ssh2 takes `false` for "no more"; its types know only methods.
      return next(false as unknown as AnyAuthMethod);
    }
    this.#next = this.#proofs.indexOf(proof) + 1;
    this.#current = proof.label;
    return next(
      proof.kind === "agent"
        ? { type: "agent", username: this.#user, agent: proof.socket }
        : { type: "publickey", username: this.#user, key: proof.key },
    );
  };

  /** The agent itself failed; ssh2 goes on with the next proof. */
  agentFailed(why: string): void {
    this.#shown.push(`${this.#current ?? "ssh-agent"}: ${why}`);
    this.#current = undefined;
  }

  /** A line for each proof: what became of it. */
  get evidence(): readonly string[] {
    const cut = this.#current === undefined ? [] : [`${this.#current}: no answer`];
    const lines = [
      ...this.#shown,
      ...cut,
      ...this.#proofs.flatMap((proof) => (proof.kind === "unusable" ? [`${proof.label}: ${proof.why}`] : [])),
    ];
    return lines.length > 0 ? lines : ["no key file and no ssh-agent was found"];
  }

  /** The one thing to do about a refusal. */
  next(host: string): string {
    const encrypted = this.#proofs.find((proof) => proof.kind === "unusable" && proof.why === ENCRYPTED);
    if (encrypted !== undefined) return `unlock the key with ssh-agent: ssh-add ${encrypted.label}`;
    const missing = this.#proofs.find(isMissing);
    if (missing !== undefined) return `correct the key file ${missing.label} in slipway:ssh.keys`;
    return `let the key in: ssh-copy-id ${this.#user}@${host}, or name another one with slipway:ssh.keys`;
  }
}
