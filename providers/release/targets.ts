import type { HostName } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import type { ReleaseInputs } from "./inputs.ts";

/** The hosts of one release, by name. */
export type Targets = ReadonlyMap<HostName, Host>;

export const targetsOf = ({ hosts }: Pick<ReleaseInputs, "hosts">, run: Run): Targets =>
  new Map(Object.values(hosts).map((address) => [address.name, run.hosts.at(address)]));
