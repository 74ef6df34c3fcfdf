import { z } from "zod";
import { omitUndefined } from "../../core/values.ts";
import { Address } from "../../hosts/index.ts";
import type { ReleaseInputs } from "./inputs.ts";

const App = z.object({
  service: z.string(),
  destination: z.string().optional(),
  stack: z.string().catch(""),
  hosts: z.record(z.string(), Address),
  /** For requests in flight, and for containers whose stop timeout is unknown. */
  drainTimeout: z.number().catch(30),
});

/** Whichever releases of an app are on its hosts: enough to remove them. */
export const anyRelease = ({ service, destination, stack, hosts, drainTimeout }: z.infer<typeof App>): ReleaseInputs => ({
  schema: 1,
  service,
  ...omitUndefined({ destination }),
  stack,
  version: "none",
  image: "none",
  release: "none",
  hosts,
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
  stopWait: 0,
  retainContainers: 0,
});

export const ReleaseRemains = App.transform(anyRelease);
