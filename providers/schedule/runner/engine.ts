import { request } from "node:http";

/** A container as the list shows it. */
export interface Listed {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Unix time in seconds. */
  readonly created: number;
}

/** A container as inspect shows it: what is needed to create a copy. */
export interface Inspected {
  readonly Id: string;
  readonly Config: Readonly<Record<string, unknown>>;
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly State: {
    readonly Running: boolean;
    readonly StartedAt: string;
    readonly ExitCode: number;
    readonly FinishedAt: string;
  };
}

interface ListAnswer {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly State: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly Created: number;
}

/** Docker refused. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const REQUEST_TIMEOUT_MS = 60_000;
const SOCKET = "/var/run/docker.sock";

/** The few calls of the Docker Engine API that a scheduler makes, over its socket. */
export class Engine {
  readonly #socket: string;

  constructor(socket: string = SOCKET) {
    this.#socket = socket;
  }

  /** Containers with this label, in any state. */
  async list(label: string, value: string): Promise<Listed[]> {
    const filters = JSON.stringify({ label: [`${label}=${value}`] });
    const answer = (await this.#ask("GET", `/containers/json?${new URLSearchParams({ all: "1", filters })}`)) as ListAnswer[];
    return answer.map(({ Id, Names, State, Labels, Created }) => ({
      id: Id,
      name: Names[0]?.replace(/^\//, "") ?? "",
      state: State,
      labels: Labels ?? {},
      created: Created,
    }));
  }

  async inspect(container: string): Promise<Inspected> {
    return (await this.#ask("GET", `/containers/${container}/json`)) as Inspected;
  }

  /** @returns its id */
  async create(name: string, body: object): Promise<string> {
    const answer = (await this.#ask("POST", `/containers/create?${new URLSearchParams({ name })}`, { body })) as { Id: string };
    return answer.Id;
  }

  async start(container: string): Promise<void> {
    await this.#ask("POST", `/containers/${container}/start`);
  }

  /** With its own signal and grace period; resolves when it has stopped. No-op if it is stopped or missing. */
  async stop(container: string): Promise<void> {
    await this.#ask("POST", `/containers/${container}/stop`, { accepted: [304, 404], timeout: Number.POSITIVE_INFINITY });
  }

  /** No-op if it is missing. */
  async remove(container: string): Promise<void> {
    await this.#ask("DELETE", `/containers/${container}?v=1`, { accepted: [404, 409] });
  }

  /** Resolves with its exit code when it is not running. */
  async ended(container: string): Promise<number> {
    const path = `/containers/${container}/wait?condition=not-running`;
    const answer = (await this.#ask("POST", path, { timeout: Number.POSITIVE_INFINITY })) as { StatusCode: number };
    return answer.StatusCode;
  }

  #ask(
    method: string,
    path: string,
    { body, accepted = [], timeout = REQUEST_TIMEOUT_MS }: { body?: object; accepted?: readonly number[]; timeout?: number } = {},
  ): Promise<unknown> {
    const data = body === undefined ? "" : JSON.stringify(body);
    const headers = { Host: "docker", "Content-Type": "application/json", "Content-Length": Buffer.byteLength(data) };
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: this.#socket, method, path, headers, agent: false }, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk: string) => {
          text += chunk;
        });
        answer.on("error", reject);
        answer.on("end", () => {
          const { statusCode: status = 0 } = answer;
          if (status < 300 || accepted.includes(status)) resolve(text.trim() === "" ? undefined : parsed(text));
          else reject(new Refusal(status, messageIn(text) ?? `Docker answered ${status}`));
        });
      });
      if (Number.isFinite(timeout))
        asked.setTimeout(timeout, () => asked.destroy(new Error(`Docker did not answer within ${timeout / 1000} s`)));
      asked.on("error", reject);
      asked.end(data);
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function messageIn(text: string): string | undefined {
  const answer = parsed(text);
  return typeof answer === "object" && answer !== null && "message" in answer ? String(answer.message) : undefined;
}
