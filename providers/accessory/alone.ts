import type { AccessoryInputs } from "./inputs.ts";

/** Whether it belongs to no app, as in programs. Then it is a service of its own, which no accessory of an app may be. */
export const isAlone = ({ service, container }: Pick<AccessoryInputs, "service" | "container">): boolean => service === container;
