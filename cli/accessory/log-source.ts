import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { ContainerSummary, Host } from "../../hosts/index.ts";
import type { LogContainer, LogSource } from "../logs/source.ts";
import type { DeclaredAccessory } from "../stack/accessories.ts";

/** The lines of an accessory: of its container, running or not, and of one that is about to replace it. */
export function accessoryLogs(places: readonly DeclaredAccessory[]): LogSource {
  const find = async (host: Host): Promise<LogContainer[]> => {
    const found = places
      .filter((place) => place.host.name === host.name)
      .map(async ({ accessory, container }) => {
        const listed = await host.docker.containers({ service: container });
        return listed
          .filter((one) => isOf({ accessory, container }, one))
          .map(({ id, state }) => ({ host: host.name, id, running: state === "running", source: `${host.name}/${accessory}` }));
      });
    return (await Promise.all(found)).flat();
  };
  return { hosts: places.map(({ host }) => host), find, findAll: find, nothing: () => nothing(places) };
}

/** Kamal labels its accessories with `service` only. */
const isOf = (
  { accessory, container }: Pick<DeclaredAccessory, "accessory" | "container">,
  { name, labels }: ContainerSummary,
): boolean => [container, `${container}-next`].includes(name) && [undefined, accessory].includes(labels["slipway.accessory"]);

const nothing = ([first, ...others]: readonly DeclaredAccessory[]): SlipwayError =>
  new SlipwayError({
    code: "ACCESSORY_NOT_RUNNING",
    what: `the container ${first?.container} is missing on ${[first, ...others].map((place) => place?.host.name).join(", ")}`,
    servesNow: NOTHING_TOUCHED,
    next: "pulumi up starts it",
  });
