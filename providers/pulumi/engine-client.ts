import type { Client, connectivityState } from "@grpc/grpc-js";
import type { Milliseconds } from "../../core/words.ts";

/** The Pulumi engine, over gRPC: its log, and whether it still runs. */
export interface Engine {
  /** Settles when the engine has exited. */
  readonly gone: Promise<void>;
  /** Settles when the engine has it, or does not answer. */
  log(urn: string, severity: "INFO" | "WARNING", message: string, ephemeral: boolean): Promise<void>;
}

const LOG_TIMEOUT: Milliseconds = 2000;

/** The engine that started this process: its address is the last argument; missing in tests of the provider alone. */
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
      // A release must not fail because its progress cannot be shown.
      return new Promise((resolve) =>
        client.log(request, new grpc.Metadata(), { deadline: Date.now() + LOG_TIMEOUT }, () => resolve()),
      );
    },
  };
}

const CONNECT_TIMEOUT: Milliseconds = 2000;

/** Settles when the connection to the engine is lost and cannot be restored. */
async function disconnected(client: Client, READY: connectivityState): Promise<void> {
  const connected = () =>
    new Promise<boolean>((resolve) => client.waitForReady(Date.now() + CONNECT_TIMEOUT, (late) => resolve(late === undefined)));
  const lost = () =>
    new Promise<void>((resolve) => client.getChannel().watchConnectivityState(READY, Number.POSITIVE_INFINITY, () => resolve()));
  while (await connected()) await lost();
}
