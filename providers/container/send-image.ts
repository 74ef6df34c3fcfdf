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
    const because = await pullFromHere(parcel, apart, stack, sent);
    if (because !== undefined) await load({ parcel, host: apart, stack, run, because, sent });
    if ((await imageOn(apart.docker, parcel.image)) === undefined)
      throw sendFailed(parcel.image, host.name, "Docker reported no error, and does not have the image");
  } catch (thrown) {
    if (isExplained(thrown)) throw thrown;
    throw sendFailed(parcel.image, host.name, messageOf(thrown), thrown);
  } finally {
    await apart.close();
  }
}

/**
 * The port of the app is tried first, so that its images are called the same each time; and then any. A program of the host may have
 * that port on one of its addresses, and sshd calls it a success to have it on another.
 *
 * @returns why the host's Docker could not even ask; `undefined`: it has pulled the image
 */
async function pullFromHere(
  parcel: Parcel,
  host: Host,
  stack: string,
  sent: (bytes: Bytes) => void,
): Promise<string | undefined> {
  let because = "its sshd forwards no ports to this machine (AllowTcpForwarding, PermitListen)";
  for (const wanted of [portOf(stack, parcel.image), 0]) {
    const { image, store, stored } = parcel;
    const password = randomBytes(24).toString("base64url");
    const endpoint = new Endpoint(store, [stored], password, sent);
    const port = await host.listen(wanted, (stream) => endpoint.accept(stream));
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

interface Loading {
  readonly parcel: Parcel;
  readonly host: Host;
  readonly stack: string;
  readonly run: Sender;
  /** Why it is not pulled. */
  readonly because: string;
  readonly sent: (bytes: Bytes) => void;
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
