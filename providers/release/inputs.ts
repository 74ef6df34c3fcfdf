import { z } from "zod";
import { Hook } from "../../core/hook.ts";
import { Owner } from "../../core/owner.ts";
import { Registry } from "../../core/registry.ts";
import { Boot } from "../../core/release/boot.ts";
import { CanaryShare } from "../../core/release/canary.ts";
import { ReleaseCommand as DeclaredCommand } from "../../core/release/command.ts";
import { Maintenance } from "../../core/release/maintenance.ts";
import { ReleasedImages } from "../../core/release/named-image.ts";
import { ProxyFiles } from "../../core/release/proxy-file.ts";
import { RoleSpec } from "../../core/release/role.ts";
import { UnconfirmedTag } from "../../core/release/unconfirmed-tag.ts";
import { ImageIdentity } from "../../core/stored-image.ts";
import { VerifiedImage } from "../../core/trust.ts";
import type { RoleName } from "../../core/words.ts";
import { Address, type ProxyTimeouts } from "../../hosts/index.ts";

const texts = z.record(z.string(), z.string());

/** Where the release commands run. */
export const ReleaseCommand = DeclaredCommand.extend({ host: z.string(), role: z.string() });
export type ReleaseCommand = z.infer<typeof ReleaseCommand>;

/** Another version that answers a share of the requests, beside the release. */
export const Canary = z.object({
  /** As of a release of its own: what it becomes when it is no canary any more. */
  release: z.string(),
  version: z.string(),
  /** By digest. */
  image: z.string(),
  /** What runs where, as in `containers`. */
  containers: z.record(z.string(), z.string()),
  share: CanaryShare,
});
export type Canary = z.infer<typeof Canary>;

/** One release of an app on its whole fleet, as declared. */
export const ReleaseInputs = z.object({
  schema: z.literal(1),
  service: z.string(),
  destination: z.string().optional(),
  ...Owner.shape,
  /** Of the stack's config: `slipway rollback` recognizes the run by it. Pulumi shows no differences of keys that begin like this. */
  __configHash: z.string().optional(),
  /** The user's own commands around the start of containers. */
  __hooks: z.object({ pre_app_boot: Hook.optional(), post_app_boot: Hook.optional() }).optional(),
  ...ReleasedImages.shape,
  release: z.string(),
  /** What runs where: the part of a release that people read in a diff. */
  containers: z.record(z.string(), z.string()),
  /** What the proxies do, in words. */
  routes: z.record(z.string(), z.string()),
  hosts: z.record(z.string(), Address),
  /** Those of them that this stack makes: when one leaves, it goes as a whole, and its tenancy takes the app down before. */
  made: z.array(z.string()).default([]),
  roles: z.record(z.string(), RoleSpec),
  releaseCommand: ReleaseCommand.optional(),
  boot: Boot,
  /** Seconds to look at the new release after the switch, before the old one stops. */
  watch: z.number(),
  canary: Canary.optional(),
  /** Tags beside a digest that the registry did not confirm: see `requireTags`. */
  __unconfirmedTags: z.array(UnconfirmedTag).optional(),
  /** Who has signed images, by digest, where `slipway:verify` asks for it: see `signatureLines`. */
  __verified: z.record(z.string(), VerifiedImage).optional(),
  /** Of images that come from the operator's store: what their digests lead to. The files themselves are in the store. */
  __stored: z.record(z.string(), ImageIdentity).optional(),
  /** What a preview says of how the config was made, once: see `noteLines`. */
  __notes: z.array(z.string()).optional(),
  maintenance: Maintenance.optional(),
  proxyFiles: ProxyFiles,
  registry: Registry.optional(),
  secrets: texts,
  /** Seconds for a candidate to become healthy. */
  deployTimeout: z.number(),
  /** Seconds for requests in flight. */
  drainTimeout: z.number(),
  /** Seconds to wait until replaced containers have ended; what gets longer for it ends by itself. */
  stopWait: z.number().default(30),
  /** Replaced containers to keep, per role and host. */
  retainContainers: z.number(),
});
export type ReleaseInputs = z.infer<typeof ReleaseInputs>;

/** How long a call of the proxy may take, and the requests in flight. */
export const timeoutsOf = ({ deployTimeout, drainTimeout }: ReleaseInputs): ProxyTimeouts => ({
  deploy: deployTimeout,
  drain: drainTimeout,
});

/** Which roles the proxy serves; needed to say what serves. */
export const rolesOf = ({ roles }: Pick<ReleaseInputs, "roles">): Record<RoleName, { proxied: boolean }> =>
  Object.fromEntries(Object.entries(roles).map(([name, { proxy }]) => [name, { proxied: proxy !== undefined }]));
