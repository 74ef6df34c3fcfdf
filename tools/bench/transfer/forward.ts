import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Bytes } from "../../../core/words.ts";
import { Hosts, parseAccess } from "../../../hosts/index.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Ground } from "./ground.ts";
import { MB } from "./result.ts";

const SIZE: Bytes = 32 * MB;
const PART = Buffer.alloc(256 * 1024, "slipway ");

/** MB/s of one stream from this machine through a port of the host's loopback, by Slipway's forward. */
export async function oursForward({ lab, lines }: Ground, host: LabHost): Promise<number> {
  await using hosts = new Hosts(parseAccess(JSON.stringify({ keys: lab.key.file, agent: false, config: false }), {}));
  const { name, hostKey } = host;
  const port = lines.ports[lab.hosts.indexOf(host)] ?? 0;
  const there = hosts.at({ name, address: "127.0.0.1", port, user: "deploy", hostKey });
  const bound = await there.listen(0, (stream) => void give(stream));
  if (bound === undefined) throw new Error(`${name}: its sshd does not forward`);
  // Awaited here: the connection closes at the end of this block.
  return await received(host, bound);
}

/** The same by `ssh -R`. */
export async function openSshForward({ ssh }: Ground, host: LabHost): Promise<number> {
  const server = createServer((socket) => void give(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await using forward = await ssh.forward(host, (server.address() as AddressInfo).port);
    return await received(host, forward.port);
  } finally {
    server.close();
  }
}

/** The reader sees it if it ends early. */
async function give(stream: Duplex): Promise<void> {
  await pipeline(Readable.from(parts()), stream).catch(() => {});
}

function* parts(): Generator<Buffer> {
  for (let left = SIZE; left > 0; left -= PART.length) yield PART.subarray(0, Math.min(left, PART.length));
}

/** By the host's own clock, from the connection on. */
async function received(host: LabHost, port: number): Promise<number> {
  const read = `start=$EPOCHREALTIME; count=$(timeout 60 cat </dev/tcp/127.0.0.1/${port} | wc -c); echo $count $start $EPOCHREALTIME`;
  const [bytes = 0, start = 0, end = 0] = (await host.must(read)).split(" ").map(Number);
  if (bytes !== SIZE) throw new Error(`${host.name}: only ${bytes} of ${SIZE} bytes came through the forward`);
  return bytes / MB / (end - start);
}
