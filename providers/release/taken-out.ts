import type { ContainerName } from "../../core/words.ts";

/**
 * What the name of a replaced container says while it still runs. Labels cannot be changed, names can; and the name is free again for a
 * release that comes back.
 *
 * `….stopping`: nothing should reach it any more; its stop signal is still to come. A proxy in front that watches Docker can see it.
 * `….restarting`: another container of the same release takes its place (`slipway restart`). Until then it serves.
 * `….stopped`: a person has stopped it (`slipway stop`).
 * `….finishing-until-20261130T114500Z`: it has got its stop signal, and Docker kills it then, by the host's own clock.
 */
const MARK = /\.(?:stopping|restarting|stopped|finishing-until-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z)$/;

/** The name that it had before it was taken out. */
export const plainName = (name: ContainerName): ContainerName => name.replace(MARK, "");

/** Whether a run has taken it out: it is not what a release may go on with, whatever its labels say. */
export const isTakenOut = ({ name }: { readonly name: ContainerName }): boolean => MARK.test(name);

/** @example stoppingName("shop-web-1.4.1-77aa01ef") // "shop-web-1.4.1-77aa01ef.stopping" */
export const stoppingName = (name: ContainerName): ContainerName => `${plainName(name)}.stopping`;

/** @example restartingName("shop-web-1.4.1-77aa01ef") // "shop-web-1.4.1-77aa01ef.restarting" */
export const restartingName = (name: ContainerName): ContainerName => `${plainName(name)}.restarting`;

/** @example stoppedName("shop-web-1.4.1-77aa01ef") // "shop-web-1.4.1-77aa01ef.stopped" */
export const stoppedName = (name: ContainerName): ContainerName => `${plainName(name)}.stopped`;

/** Whether `slipway stop` has stopped it, and nothing has started it since. */
export const isStoppedByCommand = ({ name, running }: { readonly name: ContainerName; readonly running: boolean }): boolean =>
  !running && name === stoppedName(name);

/** What a plan, a drift and `slipway status` say of such a container. */
export const STOPPED_BY_COMMAND = "stopped by slipway stop";

/** @param until the end of its grace, by the host's clock */
export const finishingName = (name: ContainerName, until: Date): ContainerName =>
  `${plainName(name)}.finishing-until-${until
    .toISOString()
    .replace(/[-:]/g, "")
    .replace(/\.\d+Z$/, "Z")}`;

/** The end of its grace, by the host's clock; `undefined` if its name says none. */
export function finishesBy(name: ContainerName): Date | undefined {
  const [, year, month, day, hour, minute, second] = MARK.exec(name) ?? [];
  return year === undefined ? undefined : new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
