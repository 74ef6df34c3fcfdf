import type { Run } from "../pulumi/provider.ts";
import type { ReleaseInputs } from "../release/inputs.ts";
import { withdrawRelease } from "../release/withdraw.ts";
import type { TenancyInputs } from "./inputs.ts";

/** Takes whatever runs of this app off the host: routes, containers and images, whichever release they are of. */
export const leave = ({ host, stack, service, destination, drainTimeout }: TenancyInputs, run: Run): Promise<void> =>
  withdrawRelease(
    {
      ...{ schema: 1, service, stack, version: "none", image: "none", release: "none" },
      ...(destination === undefined ? {} : { destination }),
      ...{ containers: {}, routes: {}, hosts: { [host.name]: host }, made: [], roles: {}, proxyFiles: {}, secrets: {} },
      ...{ boot: EVERYWHERE_AT_ONCE, watch: 0, deployTimeout: drainTimeout, drainTimeout, retainContainers: 0 },
    },
    run,
  );

const EVERYWHERE_AT_ONCE: ReleaseInputs["boot"] = { limit: 0, wait: 0, parallelRoles: true };
