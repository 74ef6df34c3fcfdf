import type { Client, connectivityState } from "@grpc/grpc-js";
import type { Milliseconds } from "../../core/words.ts";

/** What a person sees while a resource changes. */
export interface Report {
  /** One line that replaces the one before: `pull 2/3 · 41 of 63 MB`. */
  status(line: string): void;
  /** Stays under Diagnostics. */
  say(text: string): void;
  warn(text: string): void;
}

/** Where no terminal is, every status is a line of its own: one a second is news, ten are noise. */
const STATUS_INTERVAL: Milliseconds = 1000;

/** The engine's log, on the row of the resource. Calls are not waited for: a slow display must not slow a swap. */
export class EngineReport implements Report {
  #last = Number.NEGATIVE_INFINITY;
  #pending: NodeJS.Timeout | undefined;
  readonly #engine: Promise<Engine | undefined>;
  readonly #urn: string;

  constructor(engine: Promise<Engine | undefined>, urn: string) {
    this.#engine = engine;
    this.#urn = urn;
  }

  /** The first one at once, then the newest of each second. */
  status(line: string): void {
    clearTimeout(this.#pending);
    const show = () => {
      this.#last = performance.now();
      void this.#log("INFO", line, true);
    };
    const wait = this.#last + STATUS_INTERVAL - performance.now();
    if (wait <= 0) show();
    else this.#pending = setTimeout(show, wait);
  }

  say(text: string): void {
    clearTimeout(this.#pending);
    void this.#log("INFO", text, false);
  }

  warn(text: string): void {
    void this.#log("WARNING", text, false);
  }

  /** What is still waiting to be shown is not true any more. */
  end(): void {
    clearTimeout(this.#pending);
  }

  async #log(severity: "INFO" | "WARNING", message: string, ephemeral: boolean): Promise<void> {
    const engine = await this.#engine;
    engine?.log(this.#urn, severity, message, ephemeral);
  }
}

export interface Engine {
  /** Settles when the engine is there no more. */
  readonly gone: Promise<void>;
  log(urn: string, severity: "INFO" | "WARNING", message: string, ephemeral: boolean): void;
}

/** The engine that started this process: its address is the last argument. Without one (a test of the provider alone) nobody listens. */
export async function dialEngine(address: string | undefined): Promise<Engine | undefined> {
  if (address === undefined || !/^[\w.[\]-]+:\d+$/.test(address)) return undefined;
  const [{ default: grpc }, { default: services }, { default: messages }] = await Promise.all([
    import("@grpc/grpc-js"),
    import("@pulumi/pulumi/proto/engine_grpc_pb.js"),
    import("@pulumi/pulumi/proto/engine_pb.js"),
  ]);
  const client = new services.EngineClient(address, grpc.credentials.createInsecure());
  return {
    gone: disconnected(client, grpc.connectivityState.READY),
    log(urn, severity, message, ephemeral) {
      const request = new messages.LogRequest();
      request.setUrn(urn);
      request.setSeverity(messages.LogSeverity[severity]);
      request.setMessage(message);
      request.setEphemeral(ephemeral);
      // A display that went away is no reason to stop a release half-way.
      client.log(request, () => {});
    },
  };
}

const CONNECT: Milliseconds = 2000;

/** Settles when the connection to the engine is down and cannot be made again. */
async function disconnected(client: Client, READY: connectivityState): Promise<void> {
  const connected = () =>
    new Promise<boolean>((resolve) => client.waitForReady(Date.now() + CONNECT, (late) => resolve(late === undefined)));
  const lost = () =>
    new Promise<void>((resolve) => client.getChannel().watchConnectivityState(READY, Number.POSITIVE_INFINITY, () => resolve()));
  while (await connected()) await lost();
}
