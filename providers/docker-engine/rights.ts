import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { distributionOf } from "./distribution.ts";
import type { DockerEngineInputs } from "./inputs.ts";
import { fromWhere } from "./packages.ts";
import { type DockerOperation, describeDocker } from "./plan.ts";
import { DAEMON_JSON } from "./settings.ts";
import type { Survey } from "./survey.ts";

/** The prefix of commands that need root. Throws before anything is changed if root is needed and not available. */
export function requireRoot(
  inputs: DockerEngineInputs,
  operations: readonly DockerOperation[],
  about: Survey,
): readonly string[] {
  const needing = operations.filter((operation) => operation.do !== "admit" || !about.groups.includes("docker"));
  if (about.under !== undefined || needing.length === 0) return about.under ?? [];
  const { name, user } = inputs.host;
  throw new SlipwayError({
    code: "SUDO_REQUIRED",
    what: `${user} is not root and has no passwordless sudo, which is needed once`,
    host: name,
    evidence: needing.map((operation) => `to do: ${describeDocker(operation, inputs)}`),
    servesNow: NOTHING_TOUCHED,
    next: `have an administrator run on ${name}, as root: ${commands(inputs, needing, about).join("; then: ")}`,
  });
}

/** The same by hand, without the defaults that Slipway adds to a new Docker. */
function commands(inputs: DockerEngineInputs, operations: readonly DockerOperation[], about: Survey): string[] {
  return operations.flatMap((operation) => {
    switch (operation.do) {
      case "install":
      case "upgrade":
        return [installation(inputs, about)];
      case "admit":
        return [`usermod -aG docker ${operation.user}`];
      case "start":
        return ["systemctl enable --now docker"];
      case "set":
        return settingByHand(operation, inputs);
      default:
        return [];
    }
  });
}

function settingByHand({ by }: Extract<DockerOperation, { do: "set" }>, { settings }: DockerEngineInputs): string[] {
  const keys = Object.keys(settings).sort().join(", ");
  if (keys === "") return [];
  const edit = `put the declared ${keys} into ${DAEMON_JSON}`;
  return by === "reload" || by === "restart" ? [edit, `systemctl ${by} docker`] : [edit];
}

function installation(inputs: DockerEngineInputs, { release, repository }: Survey): string {
  const distribution = distributionOf(release);
  if (distribution === undefined) return "install Docker Engine (https://docs.docker.com/engine/install/)";
  if (fromWhere(inputs, distribution, repository).source === "docker")
    return `install docker-ce${inputs.version === undefined ? "" : ` ${inputs.version}`} (https://docs.docker.com/engine/install/${distribution.folder}/)`;
  const { manager, own } = distribution;
  return manager === "apt"
    ? `apt-get update && apt-get install -y ${own.join(" ")}`
    : `dnf install -y ${own.join(" ")} && systemctl enable --now docker`;
}
