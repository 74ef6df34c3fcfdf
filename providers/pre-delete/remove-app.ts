import type { Run } from "../pulumi/provider.ts";
import { withdrawRelease } from "../release/withdraw.ts";
import { beforeServer } from "../steps/withdraw.ts";
import type { PreDeleteInputs } from "./inputs.ts";

/** Removes the app from the host: routes, containers and images of whichever release. */
export const removeApp = (inputs: PreDeleteInputs, run: Run): Promise<void> =>
  beforeServer({ host: inputs.host, what: "the app" }, run, () => removeReleases(inputs, run));

const removeReleases = ({ host, stack, service, destination, drainTimeout }: PreDeleteInputs, run: Run): Promise<void> =>
  withdrawRelease(
    {
      schema: 1,
      service,
      ...(destination === undefined ? {} : { destination }),
      stack,
      version: "none",
      image: "none",
      release: "none",
      hosts: { [host.name]: host },
      made: [],
      roles: {},
      containers: {},
      routes: {},
      proxyFiles: {},
      secrets: {},
      boot: { limit: 0, wait: 0, parallelRoles: true },
      watch: 0,
      deployTimeout: drainTimeout,
      drainTimeout,
      retainContainers: 0,
    },
    run,
  );
