import type { Duplex } from "node:stream";
import type { Deadline } from "../../core/deadline.ts";
import type { Connection } from "../ssh/connection.ts";
import { ConnectionLost } from "../ssh/connection-lost.ts";
import { shortened } from "./probe.ts";

/** Where a stream ends: an address of the host's own network, usually a container's. */
export interface TunnelEnd {
  readonly address: string;
  readonly port: number;
}

/** A stream over its own channel; resolves when the other end has accepted it. */
export async function tunnel(connection: Connection, { address, port }: TunnelEnd, deadline: Deadline): Promise<Duplex> {
  const opening = Promise.withResolvers<void>();
  const socket = connection.socket("tunnel", `tunnel ${address}:${port}`, (client, done) =>
    client.forwardOut("127.0.0.1", 0, address, port, (error, channel) => {
      done(error, channel);
      if (error === undefined) opening.resolve();
    }),
  );
  // This listener stays: an error before the caller listens must not end the process.
  socket.on("error", opening.reject);
  try {
    await deadline.race(opening.promise, () => new Error("no answer in time"));
    return socket;
  } catch (error) {
    socket.destroy();
    throw error instanceof ConnectionLost ? error : shortened(error);
  }
}
