import type { BaseAgent, ParsedKey, SignCallback, SigningRequestOptions } from "ssh2";
import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";

/** One key that an ssh-agent holds. */
export interface AgentKey {
  /** In wire form. */
  readonly blob: Buffer;
  readonly comment: string;
  /** An agent with this key alone, so that keys can be offered one by one. */
  readonly agent: BaseAgent;
}

type AgentSigner = string | Buffer | ParsedKey;

/** An agent that waits for a person, or hangs, must not use up the time for the connection. */
const ANSWER_TIMEOUT: Seconds = 5;

/** The keys of the agent at this socket; rejects with a short reason. */
export async function keysOfAgent(socket: string): Promise<readonly AgentKey[]> {
  const {
    default: { BaseAgent, createAgent, utils },
  } = await import("ssh2");
  const whole = createAgent(socket);
  const listed = new Promise<readonly unknown[]>((resolve, reject) =>
    whole.getIdentities((error, keys) => (error ? reject(error) : resolve(keys ?? []))),
  );
  const keys = await Deadline.in(ANSWER_TIMEOUT).race(listed, () => new Error("no answer"));
  class OneKey extends BaseAgent {
    readonly #key: ParsedKey;

    constructor(key: ParsedKey) {
      super();
      this.#key = key;
    }

    override getIdentities(done: Parameters<BaseAgent["getIdentities"]>[0]): void {
      done(null, [this.#key]);
    }

    override sign(key: AgentSigner, data: Buffer, options: SigningRequestOptions | SignCallback, done?: SignCallback): void {
      if (typeof options === "function") whole.sign(key, data, options);
      else whole.sign(key, data, options, done);
    }
  }
  return keys.flatMap((listedKey) => {
    const key = utils.parseKey(listedKey as Buffer);
    if (key instanceof Error) return [];
    return [{ blob: key.getPublicSSH(), comment: key.comment, agent: new OneKey(key) }];
  });
}
