import { z } from "zod";
import { Registry } from "../../core/registry.ts";
import { Address } from "../../hosts/index.ts";
import { inState, Unobserved } from "../steps/finding.ts";

/** The kamal-proxy of one host, as declared. What a diff should show has a key of its own. */
export const ProxyInputs = z.object({
  schema: z.literal(1),
  host: Address,
  stack: z.string(),
  /** `basecamp/kamal-proxy:v0.9.2`; a newer one that already runs is kept, other apps may need it. */
  image: z.string(),
  /** `80:80`, `203.0.113.7:443:443`; empty behind another load balancer. */
  publish: z.array(z.string()),
  /** Arguments of `kamal-proxy run`: `--metrics-port=9090`. */
  options: z.array(z.string()),
  /** The size at which Docker rotates the log file: `10m`. */
  logMaxSize: z.string(),
  status: z.literal("running"),
  /** For pulling a private image of the proxy. */
  registry: Registry.optional(),
});
export type ProxyInputs = z.infer<typeof ProxyInputs>;

/** A proxy of which only its host is known: enough to remove it. */
export const ProxyRemains = z.object({ host: Address, stack: z.string().catch("") }).transform(
  (known): ProxyInputs => ({
    ...known,
    schema: 1,
    image: "",
    publish: [],
    options: [],
    logMaxSize: "",
    status: "running",
  }),
);

/** The proxy of one host, as found. */
export const FoundProxy = inState(
  z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("missing"), network: z.boolean() }),
    z.object({
      kind: z.literal("present"),
      id: z.string(),
      network: z.boolean(),
      image: z.string(),
      publish: z.array(z.string()),
      options: z.array(z.string()),
      logMaxSize: z.string(),
      status: z.string(),
    }),
    Unobserved,
  ]),
);
export type FoundProxy = z.infer<typeof FoundProxy>;

export const ProxyState = ProxyInputs.extend({
  found: FoundProxy,
  /** That `image` was resolved to when a container was created from it; absent if it was on the host already. */
  digest: z.string().optional(),
});
export type ProxyState = z.infer<typeof ProxyState>;
