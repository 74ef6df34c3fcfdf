import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import grpc from "@grpc/grpc-js";
import engineServices from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type engineMessages from "@pulumi/pulumi/proto/engine_pb.js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { Deadline } from "../../core/deadline.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const SCRIPT = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/dynamic-provider");

export type Values = Record<string, unknown>;

/** One call of the engine's `Log`. */
export interface Logged {
  readonly urn: string;
  readonly severity: number;
  readonly message: string;
  readonly ephemeral: boolean;
}

/** The part of the engine that a provider talks back to. */
export class FakeEngine {
  readonly logs: Logged[];
  readonly address: string;
  readonly #server: grpc.Server;

  private constructor(server: grpc.Server, port: number, logs: Logged[]) {
    this.#server = server;
    this.address = `127.0.0.1:${port}`;
    this.logs = logs;
  }

  static async start(): Promise<FakeEngine> {
    const server = new grpc.Server();
    const logs: Logged[] = [];
    server.addService(engineServices.EngineService as unknown as grpc.ServiceDefinition, {
      log: ({ request }: { request: engineMessages.LogRequest }, done: grpc.sendUnaryData<unknown>) => {
        const { urn, severity, message, ephemeral } = request.toObject();
        logs.push({ urn, severity, message, ephemeral });
        done(null, new empty.Empty());
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    return new FakeEngine(server, port, logs);
  }

  /** As when its process is killed. */
  stop(): void {
    this.#server.forceShutdown();
  }
}

/** What a read or a write gave. */
export interface Kept {
  readonly id: string;
  readonly outputs: Values;
  readonly inputs: Values | undefined;
}

type Method = "configure" | "check" | "diff" | "create" | "read" | "update" | "delete" | "cancel";

/** The process that Pulumi starts for dynamic resources, spoken to as the engine does. */
export class ProviderProcess {
  readonly child: ChildProcess;
  /** Everything it wrote to its console. */
  console = "";
  readonly #client: grpc.Client;

  private constructor(child: ChildProcess, port: string) {
    this.child = child;
    this.#client = new services.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  }

  static async start(engine: FakeEngine, config: Values, env: NodeJS.ProcessEnv = {}, cwd = ROOT): Promise<ProviderProcess> {
    const shown = { ...process.env, SLIPWAY_DISPLAY: "terminal", ...env };
    const child = spawn(process.execPath, [SCRIPT, engine.address], { cwd, env: shown });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk;
    });
    const [port] = (await Deadline.in(20).race(
      once(createInterface(child.stdout), "line"),
      () => new Error(`the provider process does not say its port: ${said}`),
    )) as [string];
    const provider = new ProviderProcess(child, port.trim());
    provider.console = said;
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        provider.console += chunk;
      });
    const request = new messages.ConfigureRequest();
    request.setArgs(struct.Struct.fromJavaScript(config as never));
    await provider.#call("configure", request);
    return provider;
  }

  async check(olds: Values, news: Values): Promise<Values> {
    const request = new messages.CheckRequest();
    request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    const answer = await this.#call<messages.CheckResponse>("check", request);
    return fromStruct(answer.getInputs());
  }

  async diff(
    olds: Values,
    news: Values,
  ): Promise<{ changes: "none" | "some" | "unknown"; replaces: string[]; deleteFirst: boolean }> {
    const request = new messages.DiffRequest();
    request.setId("id");
    request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    const answer = await this.#call<messages.DiffResponse>("diff", request);
    return {
      changes: (["unknown", "none", "some"] as const)[answer.getChanges()] ?? "unknown",
      replaces: answer.getReplacesList(),
      deleteFirst: answer.getDeletebeforereplace(),
    };
  }

  async create(properties: Values): Promise<Kept> {
    const request = new messages.CreateRequest();
    request.setProperties(toStruct(properties));
    const answer = await this.#call<messages.CreateResponse>("create", request);
    return { id: answer.getId(), outputs: fromStruct(answer.getProperties()), inputs: undefined };
  }

  async read(id: string, properties: Values): Promise<Kept> {
    const request = new messages.ReadRequest();
    request.setId(id);
    request.setProperties(toStruct(properties));
    const answer = await this.#call<messages.ReadResponse>("read", request);
    const inputs = answer.getInputs();
    return {
      id: answer.getId(),
      outputs: fromStruct(answer.getProperties()),
      inputs: inputs === undefined ? undefined : fromStruct(inputs),
    };
  }

  async update(olds: Values, news: Values): Promise<Values> {
    const request = new messages.UpdateRequest();
    request.setId("id");
    request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    return fromStruct((await this.#call<messages.UpdateResponse>("update", request)).getProperties());
  }

  async delete(properties: Values): Promise<void> {
    const request = new messages.DeleteRequest();
    request.setId("id");
    request.setProperties(toStruct(properties));
    await this.#call("delete", request);
  }

  /** As after Ctrl-C. */
  async cancel(): Promise<void> {
    await this.#call("cancel", new empty.Empty());
  }

  async stop(): Promise<void> {
    this.#client.close();
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await ended;
  }

  #call<T>(method: Method, request: unknown): Promise<T> {
    const deadline = { deadline: Date.now() + 30_000 };
    const call = (this.#client as unknown as Record<Method, (...given: unknown[]) => void>)[method].bind(this.#client);
    return new Promise((resolve, reject) => {
      call(request, new grpc.Metadata(), deadline, (error: grpc.ServiceError | null, answer: T) =>
        error ? reject(error) : resolve(answer),
      );
    });
  }
}

/** As the engine sends them: nothing undefined. */
const toStruct = (values: Values): struct.Struct => struct.Struct.fromJavaScript(JSON.parse(JSON.stringify(values)));
const fromStruct = (values: struct.Struct | undefined): Values => (values?.toJavaScript() ?? {}) as Values;
