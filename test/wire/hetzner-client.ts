import { z } from "zod";
import { Deadline } from "../../core/deadline.ts";
import type { HetznerCloud } from "../../lab/hetzner/cloud.ts";

/** JSON, read by tests as documented. */
export interface Json {
  readonly [key: string]: Json;
  readonly [at: number]: Json;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

const Action = z.object({
  id: z.number(),
  status: z.string(),
  progress: z.number(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type Action = z.infer<typeof Action>;
const Started = z.object({
  action: Action.nullish(),
  actions: z.array(Action).optional(),
  next_actions: z.array(Action).optional(),
});

/** A client of the fake's API that is independent of its implementation. */
export class Client {
  readonly #cloud: HetznerCloud;

  constructor(cloud: HetznerCloud) {
    this.#cloud = cloud;
  }

  async call(method: string, path: string, body?: object, token = this.#cloud.token): Promise<Answer> {
    const answer = await fetch(`${this.#cloud.endpoint}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: (text === "" ? {} : JSON.parse(text)) as Json };
  }

  get(path: string): Promise<Answer> {
    return this.call("GET", path);
  }

  /** Makes a call that must succeed, waits for its actions and returns the body. */
  async make(path: string, body: object = {}): Promise<Json> {
    const { status, body: shown } = await this.call("POST", path, body);
    if (status !== 201) throw new Error(`POST ${path}: ${status} ${JSON.stringify(shown)}`);
    const { action, actions, next_actions } = Started.parse(shown);
    for (const one of [action, actions, next_actions].flat()) if (one) await this.ended(one.id);
    return shown;
  }

  /** Waits for the end of the action. */
  ended(id: unknown): Promise<Action> {
    const look = async () => {
      const { action } = Started.parse((await this.get(`/actions/${Number(id)}`)).body);
      return action?.status === "running" ? undefined : (action ?? undefined);
    };
    return Deadline.in(30).until(look, () => new Error(`action ${id} does not end`));
  }
}
