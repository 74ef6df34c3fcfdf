import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

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
  readonly HostConfig: Readonly<Record<string, unknown>> & {
    readonly NetworkMode?: string;
    readonly RestartPolicy?: { readonly Name: string };
  };
  readonly NetworkSettings?: { readonly Networks?: Readonly<Record<string, unknown>> | null };
  readonly State: {
    readonly Running: boolean;
    readonly Restarting: boolean;
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
const EXEC_POLL_MS = 100;
const SOCKET = "/var/run/docker.sock";

/** The few calls of the Docker Engine API that our programs on a host make, over its socket. */
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

  /** Docker before 25 creates a container in one network only. */
  async connect(network: string, container: string): Promise<void> {
    await this.#ask("POST", `/networks/${encodeURIComponent(network)}/connect`, { body: { Container: container } });
  }

  async start(container: string): Promise<void> {
    await this.#ask("POST", `/containers/${container}/start`);
  }

  /** No-op if it runs. */
  async ensureStarted(container: string): Promise<void> {
    await this.#ask("POST", `/containers/${container}/start`, { accepted: [304] });
  }

  /**
   * With its own signal; resolves when it has stopped. No-op if it is stopped or missing.
   *
   * @param grace seconds until SIGKILL; default: its own
   */
  async stop(container: string, grace?: number): Promise<void> {
    const query = grace === undefined ? "" : `?t=${grace}`;
    const timeout = Number.POSITIVE_INFINITY;
    await this.#ask("POST", `/containers/${container}/stop${query}`, { accepted: [304, 404], timeout });
  }

  async setRestart(container: string, name: "always" | "unless-stopped"): Promise<void> {
    const body = { RestartPolicy: { Name: name, MaximumRetryCount: 0 } };
    await this.#ask("POST", `/containers/${container}/update`, { body });
  }

  /** Runs a command in it. @returns its exit code */
  async exec(container: string, command: readonly string[]): Promise<number> {
    const { Id } = (await this.#ask("POST", `/containers/${container}/exec`, { body: { Cmd: command } })) as { Id: string };
    await this.#ask("POST", `/exec/${Id}/start`, { body: { Detach: true } });
    const end = performance.now() + REQUEST_TIMEOUT_MS;
    for (;;) {
      const now = (await this.#ask("GET", `/exec/${Id}/json`)) as { Running: boolean; ExitCode: number | null };
      if (!now.Running) return now.ExitCode ?? 1;
      if (performance.now() > end) throw new Error(`${command[0]} did not end within ${REQUEST_TIMEOUT_MS / 1000} s`);
      await sleep(EXEC_POLL_MS);
    }
  }

  /** The last lines of its output. */
  async lastLogs(container: string, lines: number): Promise<string[]> {
    const path = `/containers/${container}/logs?stdout=1&stderr=1&tail=${lines}`;
    const text = (await this.#ask("GET", path, { isText: true })) as string;
    return text
      .replace(FRAME, "")
      .split("\n")
      .filter((line) => line !== "");
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
    {
      body,
      accepted = [],
      timeout = REQUEST_TIMEOUT_MS,
      isText = false,
    }: { body?: object; accepted?: readonly number[]; timeout?: number; isText?: boolean } = {},
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
          if (status < 300 || accepted.includes(status)) resolve(isText ? text : text.trim() === "" ? undefined : parsed(text));
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

/** Before each piece of a log: which output it is of, three zeros, and its length in four bytes, of which the first is zero. */
const FRAME = /\p{Cc}{5}.{3}/gsu;

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
