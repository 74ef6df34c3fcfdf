import { z } from "zod";
import { Strategy } from "../../core/release/role.ts";
import { LabelsSection } from "../container/label.ts";
import { LoggingSection } from "../container/logging.ts";
import { OptionsSection } from "../container/options.ts";
import { HealthcheckSection } from "../container/readiness.ts";
import { EnvSection } from "../env/env.ts";
import { HetznerRoleSection } from "../hosts/hetzner.ts";
import { HostList, HostsSection } from "../hosts/host-section.ts";
import { RoleProxySection } from "../proxy/proxy.ts";
import { secondsFrom } from "../schema/seconds.ts";
import { field, section } from "../schema/section.ts";
import { BuilderSection } from "./builder.ts";

const RoleSection = section(
  {
    hosts: field(HostsSection, {
      is: "Where it runs: a list of addresses, or a map of names to addresses. A name that another role defines refers to that host.",
      refused: "missing or empty, without hetzner",
      example: { "web-1": "203.0.113.10", "web-2": { address: "203.0.113.11", port: 2222 } },
    }),
    hetzner: field(HetznerRoleSection, {
      is: "Servers that the same run creates for it at Hetzner; a map, over the keys of slipway:hetzner.",
      otherwise: "none; see hosts",
      refused: "together with hosts",
      example: { count: 2, type: "cx23", location: "fsn1" },
    }),
    setup: field(z.union([z.string().min(1), z.array(z.string().min(1))]), {
      is: "Shell commands for each of its hosts, run as the user of slipway:ssh before the app is started there: once, and again when they change.",
      default: [],
      example: ["sysctl -w vm.overcommit_memory=1"],
    }),
    image: field(z.string(), {
      is: "Runs this image instead of slipway:image, with the same forms. What is built has this name in its registry.",
      otherwise: "slipway:image; with builder of the role: slipway:image with - and the role's name, if that is in a registry",
      refused: "as for slipway:image",
      example: "ghcr.io/acme/shop-worker:1.4.2",
    }),
    builder: field(BuilderSection, {
      is: "Builds an image of its own for this role; its keys take precedence over those of slipway:builder.",
      otherwise: "the role runs slipway:image",
      refused: "as for slipway:builder",
      example: { context: "apps/worker" },
    }),
    version: field(z.string(), {
      is: "The version of the role's own image, instead of its tag. Quote it.",
      otherwise:
        "slipway:version, else the tag of the role's image, else the beginning of its digest; of what is built, the commit",
      refused: "for a role without image and builder; anything but letters, digits, ., - and _",
      example: "1.4.2",
    }),
    replicas: field(z.int().min(1).max(1000), {
      is: "Containers on each host.",
      default: 1,
      refused: "more than 1 with options.publish; more than 1000",
      example: 2,
    }),
    strategy: field(Strategy, {
      is: "Whether the old container stops after the new one serves, or before the new one starts.",
      otherwise: "stop-first with options.publish or options.network: host, else start-first",
      refused: "start-first with options.publish",
      example: "stop-first",
    }),
    cmd: field(z.union([z.string(), z.array(z.string()).min(1)]), {
      is: "Replaces the image's command. It is not run by a shell: write `sh -c '…'` if you need one.",
      otherwise: "the image's",
      refused: "unquoted shell operators, comments and line breaks",
      example: "bin/jobs --queues default",
    }),
    env: field(EnvSection, {
      is: "Environment over slipway:env, with the same keys except tags.",
      example: { clear: { QUEUES: "default" } },
    }),
    options: field(OptionsSection, { is: "Limits and rights of its containers.", example: { memory: "512m", cpus: 1 } }),
    volumes: field(z.array(z.string()), {
      is: "What it mounts in addition to slipway:volumes, in the same form.",
      default: [],
      refused: "relative paths; a target that is already mounted",
      example: ["shop-jobs:/app/tmp"],
    }),
    asset_path: field(z.string(), {
      is: "The same as slipway:asset_path, for this role.",
      otherwise: "slipway:asset_path",
      refused: "for a role that is not proxied",
      example: "/app/public/assets",
    }),
    labels: field(LabelsSection, {
      is: "Labels over slipway:labels.",
      refused: "service, role, destination, slipway.*",
      example: { team: "checkout" },
    }),
    logging: field(LoggingSection, {
      is: "Logging over slipway:logging, with the same keys.",
      example: { options: { "max-size": "100m" } },
    }),
    proxy: field(z.union([z.boolean(), RoleProxySection]), {
      is: "Whether the proxy routes to it; a map has the keys of slipway:proxy except run, and takes precedence over it.",
      otherwise: "true for the primary role, false for others",
      example: { host: "admin.example.com" },
    }),
    healthcheck: field(HealthcheckSection, {
      is: "How a container of a role that is not proxied proves that it is ready.",
      otherwise: "the image's HEALTHCHECK, else readiness_delay",
      refused: "for a proxied role: set proxy.healthcheck",
      example: { path: "/healthz", port: 9000 },
    }),
    readiness_delay: field(secondsFrom(0), {
      is: "Seconds that a container with neither proxy nor health check must stay up.",
      otherwise: "slipway:readiness_delay",
      refused: "for a proxied role; together with healthcheck",
      example: 3,
    }),
    stop_timeout: field(secondsFrom(0), {
      is: "Seconds between SIGTERM and SIGKILL. What needs longer than slipway:stop_wait is left to finish by itself.",
      otherwise: "slipway:stop_timeout",
      example: 60,
    }),
    stop_delay: field(secondsFrom(0), {
      is: "Seconds that a replaced container goes on before its SIGTERM, so that a proxy of your own in front can take it out. Meanwhile its name ends with .stopping.",
      default: 0,
      refused: "with strategy: stop-first or options.publish",
      example: 5,
    }),
  },
  { network: "write it as options.network: a network beside kamal, in which all roles are" },
);
export type RoleInput = z.infer<typeof RoleSection>;

export const ServersSection = z.union([HostList, z.record(z.string(), z.union([HostList, RoleSection]))]);
export type ServersInput = z.infer<typeof ServersSection>;
