import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Deadline } from "../../core/deadline.ts";
import { ConnectionLost, Hosts, parseAccess } from "../../hosts/index.ts";
import { LocalSshd } from "./local-sshd.ts";

/** Larger than any window of a channel. */
const MUCH = Buffer.alloc(5_000_000, "shop ");

describe("a stream to a port behind the SSH connection", () => {
  let sshd: LocalSshd;
  let echo: Server;
  let hosts: Hosts;

  beforeAll(async () => {
    sshd = await LocalSshd.start();
    // It answers after the end of the request: the end of one direction must not end the other.
    echo = createServer({ allowHalfOpen: true }, (socket) => void buffer(socket).then((asked) => socket.end(asked)));
    echo.listen(0, "127.0.0.1");
    await once(echo, "listening");
    const access = { agent: false, config: false, known_hosts: [], key_data: [sshd.user.privateKey] };
    hosts = new Hosts(parseAccess(JSON.stringify(access), {}));
  });
  afterEach(() => hosts.close());
  afterAll(async () => {
    await hosts.close();
    echo.close();
    await sshd.stop();
  });

  const host = () => hosts.at({ name: "db-1", address: "127.0.0.1", port: sshd.port, user: "deploy", hostKey: sshd.hostKey });
  const open = (port = (echo.address() as AddressInfo).port) => host().tunnel({ address: "127.0.0.1", port }, Deadline.in(10));

  it("carries every byte in both directions, and the end of each separately", async () => {
    const stream = await open();
    stream.end(MUCH);
    expect((await buffer(stream)).equals(MUCH)).toBe(true);
  });

  it("is one of many at the same time, none of which waits for the others", async () => {
    const waiting = await Promise.all(Array.from({ length: 100 }, () => open()));
    const answers = waiting.map(async (stream, at) => {
      stream.end(`question ${at}`);
      return (await buffer(stream)).toString();
    });
    expect(await Promise.all(answers)).toEqual(waiting.map((_, at) => `question ${at}`));
  });

  it("is refused at once if nothing listens, and the others continue", async () => {
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as AddressInfo;
    free.close();
    await once(free, "close");
    const other = await open();
    // The reason is sshd's own message, and this server has none.
    await expect(open(port)).rejects.toThrow("Channel open failure");
    other.end("still here");
    expect((await buffer(other)).toString()).toBe("still here");
  });

  it("is cut with its connection, and the next one uses a new connection", async () => {
    const stream = await open();
    const cut = once(stream, "end");
    sshd.dropSessions();
    await expect(cut).rejects.toThrow(ConnectionLost);
    const next = await open();
    next.end("again");
    expect((await buffer(next)).toString()).toBe("again");
  });
});
