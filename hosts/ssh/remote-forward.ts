import type { Client, ClientChannel, TcpConnectionDetails } from "ssh2";
import { ChannelSocket } from "./channel-socket.ts";
import { type Line, roomOn } from "./line.ts";

/** The one address that is loopback to Docker of every version, and that sshd reports in the same form. */
const LOOPBACK = "127.0.0.1";

/**
 * Makes the host listen on a port of its loopback, for as long as the connection lives. Each connection from that loopback becomes a stream
 * here; others are refused.
 *
 * @param port 0: any that is free
 * @returns the port; `undefined` if sshd refuses: the port is in use, or it does not forward at all
 */
export function listenOn(
  client: Client,
  line: Line,
  port: number,
  accept: (stream: ChannelSocket) => void,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    let bound: number | undefined;
    const take = ({ destPort, srcIP }: TcpConnectionDetails, open: () => ClientChannel, refuse: () => void) => {
      if (destPort !== bound) return;
      // With `GatewayPorts yes` sshd listens on every address, also where a user of the host has the loopback's port already.
      if (srcIP !== LOOPBACK) return refuse();
      const channel = open();
      accept(
        new ChannelSocket(
          async () => channel,
          () => roomOn(line),
        ),
      );
    };
    try {
      client.forwardIn(LOOPBACK, port, (error, real) => {
        if (error !== undefined && error !== null) return resolve(undefined);
        // sshd can only report a connection after its answer to this request.
        bound = real ?? port;
        client.on("tcp connection", take);
        resolve(bound);
      });
    } catch (error) {
      reject(error);
    }
  });
}
