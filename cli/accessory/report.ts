import type { ContainerName } from "../../core/words.ts";
import { type DeclaredAccessory, type Found, stateInWords } from "../stack/accessories.ts";

/** What `slipway status --json` reports about an accessory on a host. */
export interface AccessoryReport {
  /** Its name in the config. */
  readonly accessory: string;
  /** Null if it is missing. */
  readonly container: ContainerName | null;
  /** As in the config. */
  readonly image: string;
  /** The digest when it was pulled; null if the image has none. */
  readonly digest: string | null;
  /** `running`, `stopped with code 1`, `missing`; `unknown` if its host is unreachable. */
  readonly state: string;
  /** Docker's health check; null if the image has none. */
  readonly health: "starting" | "healthy" | "unhealthy" | null;
  /** When the container started, or stopped if it is not running, RFC 3339; null if it never ran. */
  readonly since: string | null;
  /** What differs from the declaration, in words; null if nothing does. */
  readonly drift: string | null;
}

/** Compares what was found with what was declared. Pure. @param found `undefined` if its host is unreachable */
export function reportAccessory(declared: DeclaredAccessory, found: Found | undefined): AccessoryReport {
  const { accessory, image, digest } = declared;
  const main = found?.main;
  const { running = false, startedAt = "", finishedAt = "", health } = main?.state ?? {};
  const since = running ? startedAt : finishedAt;
  return {
    accessory,
    image,
    digest: digest === "" ? null : digest,
    container: main?.name ?? null,
    state: found === undefined ? "unknown" : main === undefined ? "missing" : stateInWords(main),
    health: running ? (health ?? null) : null,
    since: since === "" || since.startsWith(NEVER) ? null : since,
    drift: found === undefined ? null : driftOf(declared, found).join("; ") || null,
  };
}

/** Docker's time for something that has not happened. */
const NEVER = "0001-";

function driftOf(declared: DeclaredAccessory, { main, next }: Found): string[] {
  return [
    ...(main === undefined ? ["missing"] : mainDrift(declared, main)),
    ...(next === undefined || next.of === "other"
      ? []
      : [`${next.name} is ${stateInWords(next)}: a replacement is in progress or was interrupted`]),
  ];
}

function mainDrift({ spec, image, container, ofKamal }: DeclaredAccessory, main: NonNullable<Found["main"]>): string[] {
  if (main.of === "other") return [`a container that is not Slipway's has the name ${container}`];
  const { "slipway.spec": hash = "", "slipway.image": written = "" } = main.labels;
  return [
    ...(main.state.status === "running" ? [] : [stateInWords(main)]),
    ...(main.of === "kamal" && ofKamal !== true ? ["created by Kamal, not replaced yet"] : []),
    ...(main.of === "ours" && hash !== spec ? [`created as ${hash}, declared as ${spec}`] : []),
    ...(main.of === "ours" && written !== image ? [`image ${written}, not ${image}`] : []),
  ];
}
