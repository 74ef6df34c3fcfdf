import type { Host } from "../../hosts/index.ts";
import type { Parcel } from "../container/send-image.ts";
import type { UnusedImage } from "../container/unused-images.ts";

type DockerInfo = Awaited<ReturnType<Host["docker"]["info"]>>;

/** What a host is known to have before anything is changed on it. */
export interface Ready {
  readonly host: Host;
  /** What its Docker says of itself. */
  readonly info: DockerInfo;
  /** What the release needs there, by digest. */
  readonly images: readonly string[];
  /** Those of them that have to be pulled. */
  readonly lacking: readonly string[];
  /** Those of them that are sent from the operator's store. */
  readonly parcels: readonly Parcel[];
  /** Those of them that are there under another name, which get that of the store as well. */
  readonly twins: readonly { readonly image: string; readonly id: string }[];
  /** Images of earlier releases that can go before the pull. Observed only where one is lacking. */
  readonly unused: readonly UnusedImage[];
}
