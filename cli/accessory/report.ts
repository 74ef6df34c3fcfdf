import type { ContainerName } from "../../core/words.ts";
import { type DeclaredAccessory, type Found, stateInWords } from "../stack/accessories.ts";

/** What `slipway status --json` says of an accessory on a host. */
export interface AccessoryReport {
  /** As the config names it. */
  readonly accessory: string;
  /** Null when there is none. */
  readonly container: ContainerName | null;
  /** As it was written. */
  readonly image: string;
  /** What that meant when it was looked up; null when the image is not known by one. */
  readonly digest: string | null;
  /** `running`, `stopped with code 1`, `missing`; `unknown` when its host cannot be asked. */
  readonly state: string;
  /** Docker's own check; null when the image has none. */
  readonly health: "starting" | "healthy" | "unhealthy" | null;
  /** Start of the container, or its end when it does not run, RFC 3339; null when there is none. */
  readonly since: string | null;
  /** What is not as declared, in words; null when nothing is. */
  readonly drift: string | null;
}

/** What was found against what was declared. Pure. @param found `undefined` when its host cannot be asked */
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

/** Docker's time of what has not happened. */
const NEVER = "0001-";

function driftOf(declared: DeclaredAccessory, { main, next }: Found): string[] {
  return [
    ...(main === undefined ? ["missing"] : mainDrift(declared, main)),
    ...(next === undefined || next.of === "somebody"
      ? []
      : [`${next.name} is ${stateInWords(next)}: a replace is under way or did not end`]),
  ];
}

function mainDrift({ spec, image, container }: DeclaredAccessory, main: NonNullable<Found["main"]>): string[] {
  if (main.of === "somebody") return [`somebody else's container has the name ${container}`];
  const { "slipway.spec": hash = "", "slipway.image": written = "" } = main.labels;
  return [
    ...(main.state.status === "running" ? [] : [stateInWords(main)]),
    ...(main.of === "kamal" ? ["made by Kamal, not replaced yet"] : []),
    ...(main.of === "ours" && hash !== spec ? [`made as ${hash}, declared as ${spec}`] : []),
    ...(main.of === "ours" && written !== image ? [`image ${written}, not ${image}`] : []),
  ];
}
