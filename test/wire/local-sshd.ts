import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import ssh2, { type Connection } from "ssh2";

const { Server, utils } = ssh2;

/** A small SSH server on 127.0.0.1 that echoes every command, for tests of `remote.Command`, and opens channels to ports. */
export class LocalSshd {
  readonly port: number;
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string;
  readonly user: { readonly privateKey: string; readonly publicKey: string };
  /** The received commands, in order. */
  readonly commands: string[] = [];
  readonly #clients = new Set<Connection>();
  readonly #server: InstanceType<typeof Server>;

  private constructor(server: InstanceType<typeof Server>, port: number, hostKey: string, user: LocalSshd["user"]) {
    this.#server = server;
    this.port = port;
    this.hostKey = hostKey;
    this.user = user;
  }

  /**
   * @param docker the port on 127.0.0.1 that stands for Docker's socket
   * @param forwards whether it listens for its clients
   */
  static async start({
    docker,
    forwards = true,
  }: {
    readonly docker?: number;
    readonly forwards?: boolean;
  } = {}): Promise<LocalSshd> {
    const [host, user] = [utils.generateKeyPairSync("ed25519"), utils.generateKeyPairSync("ed25519")];
    const server = new Server({ hostKeys: [host.private] });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const sshd = new LocalSshd(server, port, host.public, { privateKey: user.private, publicKey: user.public });
    const [, wanted = ""] = user.public.split(" ");
    server.on("connection", (client) => {
      client.on("error", () => {});
      sshd.#clients.add(client.once("close", () => sshd.#clients.delete(client)));
      client.on("authentication", (attempt) => {
        const isOurs = attempt.method === "publickey" && attempt.key.data.equals(Buffer.from(wanted, "base64"));
        if (isOurs) attempt.accept();
        else attempt.reject(["publickey"]);
      });
      client.on("tcpip", (accept, reject, { destIP, destPort }) => {
        const socket = connect({ host: destIP, port: destPort, allowHalfOpen: true });
        socket.once("connect", () => {
          const channel = accept();
          socket.pipe(channel).pipe(socket);
          channel.on("close", () => socket.destroy()).on("error", () => {});
        });
        socket.once("error", () => reject());
      });
      client.on("request", (accept, reject, name, info) => {
        if (name !== "tcpip-forward" || !forwards) return reject?.();
        void forward(client, info.bindAddr, info.bindPort).then(
          (bound) => accept?.(bound),
          () => reject?.(),
        );
      });
      client.on("openssh.streamlocal", (accept, reject) => {
        if (docker === undefined) return reject();
        const socket = connect({ host: "127.0.0.1", port: docker, allowHalfOpen: true });
        socket.once("connect", () => {
          const channel = accept();
          socket.pipe(channel).pipe(socket);
          channel.on("close", () => socket.destroy()).on("error", () => {});
        });
        socket.on("error", () => reject());
      });
      client.on("session", (accept) => {
        accept().on("exec", (acceptExec, _reject, { command }) => {
          sshd.commands.push(command);
          const channel = acceptExec();
          channel.write(`ran: ${command}\n`);
          channel.exit(command.includes("fail") ? 3 : 0);
          channel.end();
        });
      });
    });
    return sshd;
  }

  /** A host key that is not this server's. */
  static aHostKey(): { readonly publicKey: string } {
    return { publicKey: utils.generateKeyPairSync("ed25519").public };
  }

  /** Closes every connection; new ones are accepted. */
  dropSessions(): void {
    for (const client of this.#clients) client.end();
  }

  async stop(): Promise<void> {
    this.#server.close();
  }
}

/** Listens for a client, until it is gone. Returns the port. */
async function forward(client: Connection, address: string, wanted: number): Promise<number> {
  const listener = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    client.forwardOut(address, port, socket.remoteAddress ?? "", socket.remotePort ?? 0, (error, channel) => {
      if (error) {
        socket.destroy();
        return;
      }
      socket.pipe(channel).pipe(socket);
      channel.on("close", () => socket.destroy()).on("error", () => {});
    });
  });
  listener.listen(wanted, address);
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  client.once("close", () => listener.close());
  return port;
}
