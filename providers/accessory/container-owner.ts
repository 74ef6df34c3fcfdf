import { isKamalAccessory, isOwn } from "../../core/owner.ts";
import type { Container } from "../../hosts/index.ts";
import { LABEL } from "./container.ts";
import type { FoundContainer } from "./found.ts";
import type { AccessoryInputs } from "./inputs.ts";

export function ownerOf(
  { accessory, container, ...owner }: Pick<AccessoryInputs, "accessory" | "container" | "stack" | "adopt">,
  labels: Container["labels"],
): FoundContainer["of"] {
  if (labels[LABEL.service] !== container) return "other";
  const named = labels[LABEL.accessory];
  if (named !== undefined) return named === accessory && isOwn(labels[LABEL.stack], owner) ? "ours" : "other";
  return isKamalAccessory(container, labels) ? "kamal" : "other";
}

/** What a container belongs to, as shown. */
export function whoseOf(labels: Container["labels"]): string {
  const { [LABEL.accessory]: accessory, [LABEL.stack]: stack, [LABEL.service]: service } = labels;
  if (accessory !== undefined) return `the accessory ${accessory}${stack === undefined ? "" : ` of ${stack}`}`;
  const project = labels["com.docker.compose.project"];
  if (project !== undefined) return `the Compose project ${project}`;
  return service === undefined ? "an unknown owner: it has no label" : `the service ${service}`;
}
