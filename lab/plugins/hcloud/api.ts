import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { Deadline } from "../../../core/deadline.ts";
import type { Milliseconds, Seconds } from "../../../core/words.ts";

const RETRY: Milliseconds = 50;
const PATIENCE: Seconds = 300;
/** The number of retries in hcloud-go. */
const TRIES = 6;
const FOR_THE_MOMENT = ["rate_limit_exceeded", "conflict", "locked"];

const Refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const Action = z.object({
  id: z.number(),
  status: z.string(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
type Action = z.infer<typeof Action>;
const Page = z.object({ meta: z.object({ pagination: z.object({ next_page: z.number().nullable() }) }).optional() });

/** An object in the API's form. */
export type Shown = Record<string, unknown>;

/** An error of the API, with the message of hcloud-go. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${message} (${code})`);
    this.code = code;
  }
}

/** A client of the API that retries like the provider's. */
export class Api {
  readonly #endpoint: string;
  readonly #token: string;

  constructor(endpoint: string, token: string) {
    this.#endpoint = endpoint.replace(/\/$/, "");
    this.#token = token;
  }

  /** One object, or `undefined` if it is missing. @example api.find("server", "/servers/42") */
  async find(key: string, path: string): Promise<Shown | undefined> {
    try {
      return (await this.call("GET", path))[key] as Shown;
    } catch (failure) {
      if (failure instanceof Refused && failure.code === "not_found") return undefined;
      throw failure;
    }
  }

  /** All pages of a list. @example api.list("ssh_keys", { name: "ops" }) */
  async list(key: string, query: Readonly<Record<string, string>> = {}): Promise<Shown[]> {
    const all: Shown[] = [];
    for (let page: number | null = 1; page !== null; ) {
      const search = new URLSearchParams({ ...query, per_page: "50", page: String(page) });
      const answer = await this.call("GET", `/${key}?${search}`);
      all.push(...(answer[key] as Shown[]));
      page = Page.parse(answer).meta?.pagination.next_page ?? null;
    }
    return all;
  }

  /** By id or name, as a configuration may give either. */
  async named(key: string, one: string, wanted: unknown, query: Readonly<Record<string, string>> = {}): Promise<Shown> {
    const text = String(wanted);
    const byId = /^\d+$/.test(text) ? await this.find(one, `/${key}/${text}`) : undefined;
    const found = byId ?? (await this.list(key, { ...query, name: text }))[0];
    if (found === undefined) throw new Error(`${one} not found: ${text}`);
    return found;
  }

  /** A call that starts actions; resolves when they have succeeded. */
  async act(method: string, path: string, body?: object): Promise<Shown> {
    const answer = await this.call(method, path, body);
    await this.finished(answer);
    return answer;
  }

  /** Waits for all actions of an answer. */
  async finished(answer: Shown): Promise<void> {
    const { action, actions, next_actions } = answer;
    const started = [action, actions, next_actions].flat().filter((one) => one !== undefined && one !== null);
    const deadline = Deadline.in(PATIENCE);
    for (const one of started.map((each) => Action.parse(each))) await this.#succeeded(one, deadline);
  }

  /** One call, repeated while the API reports a temporary error. */
  async call(method: string, path: string, body?: object): Promise<Shown> {
    for (let tries = 1; ; tries += 1) {
      const answer = await fetch(`${this.#endpoint}${path}`, {
        method,
        headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(PATIENCE * 1000),
      });
      const text = await answer.text();
      const shown = text === "" ? {} : (JSON.parse(text) as Shown);
      if (answer.ok) return shown;
      const { error } = Refusal.parse(shown);
      if (tries >= TRIES || !FOR_THE_MOMENT.includes(error.code)) throw new Refused(error.code, error.message);
      await sleep(error.code === "rate_limit_exceeded" ? untilReset(answer) : RETRY * 2 ** tries);
    }
  }

  async #succeeded({ id }: Action, deadline: Deadline): Promise<void> {
    const ended = async () => {
      const [now] = (await this.list("actions", { id: String(id) })).map((each) => Action.parse(each));
      return now === undefined || now.status === "running" ? undefined : now;
    };
    const action = await deadline.until(ended, () => new Error(`action ${id} does not end`));
    if (action.error !== null) throw new Refused(`${action.error.code}, ${id}`, action.error.message);
  }
}

const untilReset = ({ headers }: Response): Milliseconds =>
  Math.min(60_000, Math.max(RETRY, Number(headers.get("ratelimit-reset")) * 1000 - Date.now()));
