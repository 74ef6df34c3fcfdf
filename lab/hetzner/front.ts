import { once } from "node:events";
import { createServer as createHttp, type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";
import { connect, createServer as createTcp, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";

/** Configuration of one listening port of a load balancer. */
export interface FrontArgs {
  readonly address: string;
  readonly port: number;
  /** The next healthy target; `undefined` without one. */
  readonly next: () => { readonly address: string; readonly port: number } | undefined;
  readonly speaks: "tcp" | "http" | "https" | "redirect";
  /** For `https`. */
  readonly certificate?: { readonly cert: string; readonly key: string } | undefined;
}

/** One listening port of a load balancer. It forwards real connections. */
export class Front {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  static async open(args: FrontArgs): Promise<Front> {
    const server = serverFor(args);
    const front = new Front(server);
    server.listen(args.port, args.address);
    await once(server, "listening");
    server.unref();
    return front;
  }

  /** Accepts no more connections and closes the open ones. */
  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

function serverFor(args: FrontArgs): Server {
  if (args.speaks === "tcp") return createTcp((near) => join(near, args.next()));
  if (args.speaks === "redirect") return createHttp(redirect);
  const isSecure = args.speaks === "https";
  const serve = (ask: IncomingMessage, answer: ServerResponse) => forward(ask, answer, args);
  const server = isSecure ? createHttps({ ...args.certificate }, serve) : createHttp(serve);
  server.on("upgrade", (ask: IncomingMessage, near: Duplex, head: Buffer) => upgrade(ask, near, head, args));
  return server;
}

function join(near: Duplex, target: { address: string; port: number } | undefined): Socket | undefined {
  if (target === undefined) {
    near.destroy();
    return undefined;
  }
  const far = connect({ host: target.address, port: target.port });
  const end = () => {
    near.destroy();
    far.destroy();
  };
  near.on("error", end);
  far.on("error", end);
  near.pipe(far).pipe(near);
  return far;
}

function redirect({ headers, url }: IncomingMessage, answer: ServerResponse): void {
  answer.writeHead(301, { location: `https://${(headers.host ?? "").replace(/:\d+$/, "")}${url}` }).end();
}

/** The headers that Hetzner's load balancer adds about the client. */
function headersOf(ask: IncomingMessage, { speaks, port }: FrontArgs): string[] {
  const from = ask.socket.remoteAddress ?? "";
  const replaced = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-port", "connection"];
  const kept = ask.rawHeaders.filter((_, at) => !replaced.includes((ask.rawHeaders[at - (at % 2)] ?? "").toLowerCase()));
  return [...kept, "X-Forwarded-For", from, "X-Forwarded-Proto", speaks, "X-Forwarded-Port", String(port)];
}

function forward(ask: IncomingMessage, answer: ServerResponse, args: FrontArgs): void {
  const target = args.next();
  if (target === undefined) {
    answer.writeHead(503, { "content-type": "text/plain" }).end("no healthy target");
    return;
  }
  const call = request({
    host: target.address,
    port: target.port,
    method: ask.method,
    path: ask.url,
    agent: false,
    headers: headersOf(ask, args),
  });
  call.once("response", (back) => {
    answer.writeHead(back.statusCode ?? 502, back.rawHeaders);
    back.pipe(answer);
    back.once("error", () => answer.destroy());
  });
  call.once("error", () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
  answer.once("close", () => call.destroy());
  ask.pipe(call);
}

function upgrade(ask: IncomingMessage, near: Duplex, head: Buffer, args: FrontArgs): void {
  const far = join(near, args.next());
  if (far === undefined) return;
  const fields = [...headersOf(ask, args), "Connection", "Upgrade"];
  const lines = fields.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${fields[at + 1]}`] : []));
  far.write([`${ask.method} ${ask.url} HTTP/1.1`, ...lines, "", ""].join("\r\n"));
  far.write(head);
}
