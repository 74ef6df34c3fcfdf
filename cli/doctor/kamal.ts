import type { Config } from "../../config/index.ts";
import { isKamalAccessory, isMadeBySlipway, isOfApp } from "../../core/owner.ts";
import type { ContainerSummary } from "../../hosts/index.ts";
import type { CheckResult } from "./check-result.ts";
import type { Asked, KamalFacts, ReachedHost } from "./facts.ts";

/** What a stack would take over by its names. */
export interface AppNames {
  readonly service: string;
  readonly destination: string | undefined;
  /** Container → name in the config. */
  readonly accessories: ReadonlyMap<string, string>;
}

export const namesIn = ({
  service,
  destination,
  accessories,
}: Pick<Config, "service" | "destination" | "accessories">): AppNames => ({
  service,
  destination,
  accessories: new Map(accessories.map(({ container, name }) => [container, name])),
});

/** Containers that Kamal started under the names of this stack. Pure. */
export function kamalIn({ accessories, ...app }: AppNames, containers: readonly ContainerSummary[]): KamalFacts {
  const isRole = ({ labels }: ContainerSummary) => labels.role !== undefined && isOfApp(app, labels) && !isMadeBySlipway(labels);
  return {
    roles: containers
      .filter((one) => isRole(one) && one.state === "running")
      .map(({ name, labels }) => ({ name, role: labels.role ?? "" })),
    accessories: containers.flatMap(({ name, labels }) => {
      const accessory = accessories.get(name);
      return accessory === undefined || !isKamalAccessory(name, labels) ? [] : [{ name, accessory }];
    }),
  };
}

/** What a run would take over from Kamal on this host, and what Kamal's secrets lie there. No row where nothing is Kamal's. */
export function checkKamal({ host, kamal, machine }: ReachedHost, app: AppNames): CheckResult[] {
  const taken = kamal.kind === "known" ? takenOver(kamal.value) : [];
  const files = machine.kind === "known" ? secretsOf(machine.value.kamal, app) : [];
  if (taken.length === 0 && files.length === 0) return [];
  const found = taken.length === 0 ? "files with secrets are left of it" : `pulumi up takes over ${taken.join(", ")}`;
  if (files.length === 0) return [{ check: "kamal", result: "fine", found }];
  const when = taken.length === 0 ? "" : "once nothing goes back to Kamal, ";
  return [
    {
      check: "kamal",
      result: "warning",
      found,
      evidence: files.map((path) => `secrets in ~/${path}`),
      next: `${when}on ${host.name}, as ${host.user}: rm -r ${files.map((path) => `~/${path}`).join(" ")}`,
    },
  ];
}

const takenOver = ({ roles, accessories }: KamalFacts): string[] => [
  ...roles.map(({ name, role }) => `${name} (${role})`),
  ...accessories.map(({ name, accessory }) => `${name} (accessory ${accessory})`),
];

/** `.kamal/apps/<service>[-<destination>]/env` */
function secretsOf(folders: readonly string[], { service, destination }: AppNames): string[] {
  const names = new Set([service, ...(destination === undefined ? [] : [`${service}-${destination}`])]);
  return folders.filter((path) => names.has(path.split("/")[2] ?? ""));
}

/** Nothing can be said without Docker. */
export const NOTHING_OF_KAMAL: Asked<KamalFacts> = { kind: "known", value: { roles: [], accessories: [] } };
