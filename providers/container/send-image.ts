import { randomBytes } from "node:crypto";
import { messageOf, SlipwayError } from "../../core/error.ts";
import { sizeText } from "../../core/size.ts";
import { hostReference, hostTag, portOf } from "../../core/stored-image.ts";
import type { Bytes } from "../../core/words.ts";
import { ConnectionLost, type Host } from "../../hosts/index.ts";
import {
  bytesAbove,
  ENDPOINT_USER,
  Endpoint,
  type ImageStore,
  layersArchive,
  layoutArchive,
  type PlatformImage,
  type StoredImage,
} from "../../registry/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { isExplained } from "../steps/explained.ts";
import { withStop } from "./docker-gone.ts";
import { imageOn } from "./stored-image.ts";

/** An image of the operator's store that a host lacks. */
export interface Parcel {
  /** As the release names it: `slipway.invalid/shop@sha256:…`. */
  readonly image: string;
  readonly store: ImageStore;
  readonly stored: StoredImage;
  /** The part of it for this host. */
  readonly platform: PlatformImage;
  /** How many of its lowest layers the host has, as far as is known. */
  readonly known: number;
  /** Where its images are kept: containerd's store, or Docker's own layers. */
  readonly into: "containerd" | "layers";
}

/** What sending needs of a run. */
type Sender = Pick<Run, "hosts" | "report">;

/** The bytes that are expected to travel: of the layers, since all the rest is small. */
export const bytesOf = ({ platform, known }: Parcel): Bytes => bytesAbove(platform, known);

/**
 * Brings an image from the operator's store to a host, over a connection of its own, so that its bytes delay nothing else. The host's own
 * Docker pulls it from a registry in this process, which only exists meanwhile: so just what is missing travels, and every digest is
 * verified. Where sshd forwards no port, or Docker does not reach the port, the image is loaded through Docker's socket instead.
 *
 * @param stack whose images they are, for the name of the image on the host
 * @param sent called with further bytes of the image that are on their way
 */
export async function sendImage(
  parcel: Parcel,
  host: Host,
  stack: string,
  run: Sender,
  sent: (bytes: Bytes) => void,
): Promise<void> {
  const apart = run.hosts.apart(host.address);
  try {
    const because = await pullFromHere({ parcel, host: apart, stack, run, sent });
    if (because !== undefined) await load({ parcel, host: apart, stack, run, because, sent });
    if ((await imageOn(apart.docker, parcel.image)) === undefined)
      throw sendFailed(parcel.image, host.name, "Docker reported no error, and does not have the image");
  } catch (failed) {
    const thrown = withStop(host.name, failed);
    if (isExplained(thrown)) throw thrown;
    throw sendFailed(parcel.image, host.name, messageOf(thrown), thrown);
  } finally {
    await apart.close();
  }
}

interface Sending {
  readonly parcel: Parcel;
  /** Over the connection for the bytes. */
  readonly host: Host;
  readonly stack: string;
  readonly run: Sender;
  readonly sent: (bytes: Bytes) => void;
}

/**
 * The port of the app is tried first, so that its images are called the same each time; and then any. A program of the host may have
 * that port on one of its addresses, and sshd calls it a success to have it on another.
 *
 * @returns why the host's Docker could not even ask; `undefined`: it has pulled the image
 */
async function pullFromHere({ parcel, host, stack, run, sent }: Sending): Promise<string | undefined> {
  let because = "its sshd forwards no ports to this machine (AllowTcpForwarding, PermitListen)";
  const own = portOf(stack, parcel.image);
  const end = host.ownEnd(String(own));
  void end.arrange();
  for (const wanted of [own, 0]) {
    const { image, store, stored } = parcel;
    const password = randomBytes(24).toString("base64url");
    const endpoint = new Endpoint(store, [stored], password, sent);
    const listen = () => host.listen(wanted, (stream) => endpoint.accept(stream));
    let port = await listen();
    if (port === undefined && wanted === own && (await othersEnded(end, host, run))) port = await listen();
    if (port === undefined) continue;
    const login = { server: `127.0.0.1:${port}`, username: ENDPOINT_USER, password };
    try {
      await host.docker.pull(hostReference(image, port), login);
      return undefined;
    } catch (thrown) {
      if (endpoint.failure !== undefined) throw sendFailed(image, host.name, messageOf(endpoint.failure), endpoint.failure);
      // What arrived here was refused by the image or the host, and would be again.
      if (thrown instanceof ConnectionLost || endpoint.requests > 0) throw thrown;
      because = `its Docker does not reach the loopback of its sshd (${messageOf(thrown)})`;
    }
  }
  return because;
}

/**
 * A run that has vanished in the middle keeps the port until the host ends its connection. Docker would have this pull wait for that one's
 * layers, and fail with it.
 */
function othersEnded(end: ReturnType<Host["ownEnd"]>, { name }: Host, { report }: Sender): Promise<boolean> {
  report.status(`${name}: its port is in use; if by an earlier run that has vanished, the host ends that within a minute`);
  return end.othersEnded();
}

interface Loading extends Sending {
  /** Why it is not pulled. */
  readonly because: string;
}

async function load({ parcel, host, stack, run, because, sent }: Loading): Promise<void> {
  const { image, store, stored, platform, into, known } = parcel;
  const tag = hostTag(image, portOf(stack, image));
  if (into === "containerd") {
    const size = stored.platforms.reduce((sum, one) => sum + bytesAbove(one, 0), 0);
    run.report.say(`${host.name}: the complete image is sent, ${sizeText(size)}: ${because}`);
    return host.docker.loadImages(() => counted(layoutArchive(store, stored, tag), sent));
  }
  run.report.say(`${host.name}: the image is loaded, ${sizeText(bytesAbove(platform, known))}: ${because}`);
  try {
    await host.docker.loadImages(() => counted(layersArchive(store, platform, tag, known), sent));
  } catch (thrown) {
    if (thrown instanceof ConnectionLost || known === 0) throw thrown;
    run.report.say(`${host.name}: the complete image is sent, ${sizeText(bytesAbove(platform, 0))}: ${messageOf(thrown)}`);
    await host.docker.loadImages(() => counted(layersArchive(store, platform, tag, 0), sent));
  }
}

async function* counted(stream: AsyncIterable<Buffer>, sent: (bytes: Bytes) => void): AsyncGenerator<Buffer> {
  for await (const part of stream) {
    sent(part.length);
    yield part;
  }
}

const sendFailed = (image: string, host: string, because: string, cause?: unknown): SlipwayError =>
  new SlipwayError(
    {
      code: "PULL_FAILED",
      what: "the image could not be sent to this host",
      host,
      evidence: [image, because],
      servesNow: "what served before; nothing was switched",
      next: "check the disk of that host, and what its Docker logs, then run pulumi up again",
    },
    { cause },
  );
