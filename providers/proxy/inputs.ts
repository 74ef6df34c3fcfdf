import { z } from "zod";
import { Registry } from "../../core/registry.ts";
import { Address } from "../../hosts/index.ts";
import { inState } from "../steps/finding.ts";

/** The kamal-proxy of one host, as declared. What a person reads in a diff is under keys of its own. */
export const ProxyInputs = z.object({
  schema: z.literal(1),
  host: Address,
  stack: z.string(),
  /** `basecamp/kamal-proxy:v0.9.2`; a newer one that runs already is left alone, other apps may need it. */
  image: z.string(),
  /** `80:80`, `203.0.113.7:443:443`; none when another load balancer is in front. */
  publish: z.array(z.string()),
  /** What kamal-proxy is run with: `--metrics-port=9090`. */
  options: z.array(z.string()),
  /** Docker's log file grows to this and is rotated: `10m`. */
  logMaxSize: z.string(),
  status: z.literal("running"),
  /** For the pull, when the proxy's image is private. */
  registry: Registry.optional(),
});
export type ProxyInputs = z.infer<typeof ProxyInputs>;

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
    z.object({ kind: z.literal("unreachable"), reason: z.string() }),
  ]),
);
export type FoundProxy = z.infer<typeof FoundProxy>;
