import type { Container } from "../../hosts/index.ts";
import { LABEL } from "./container.ts";
import type { FoundContainer } from "./found.ts";
import type { AccessoryInputs } from "./inputs.ts";

/** Kamal labels what it starts with the container's own name, and says nothing else. */
export function ownerOf(
  { accessory, container }: Pick<AccessoryInputs, "accessory" | "container">,
  labels: Container["labels"],
): FoundContainer["of"] {
  if (labels[LABEL.service] !== container) return "somebody";
  const named = labels[LABEL.accessory];
  if (named !== undefined) return named === accessory ? "ours" : "somebody";
  return Object.keys(labels).some((label) => label.startsWith("slipway.")) ? "somebody" : "kamal";
}

/** Whose it is, for people. */
export function whoseOf(labels: Container["labels"]): string {
  const { [LABEL.accessory]: accessory, [LABEL.stack]: stack, [LABEL.service]: service } = labels;
  if (accessory !== undefined) return `the accessory ${accessory}${stack === undefined ? "" : ` of ${stack}`}`;
  const project = labels["com.docker.compose.project"];
  if (project !== undefined) return `the Compose project ${project}`;
  return service === undefined ? "somebody: no label tells whose it is" : `the service ${service}`;
}
