import { z } from "zod";
import { AccessoriesSection } from "./accessory/accessory.ts";
import { AliasesSection } from "./aliases.ts";
import { LabelsSection } from "./container/label.ts";
import { LoggingSection } from "./container/logging.ts";
import { EnvSection } from "./env/env.ts";
import { SourcesSection } from "./env/source-section.ts";
import { AdoptSection } from "./hosts/adopt.ts";
import { DockerSection } from "./hosts/docker.ts";
import { FirewallSection } from "./hosts/firewall.ts";
import { ForgetSection } from "./hosts/forget.ts";
import { HardenSection } from "./hosts/harden.ts";
import { HetznerSection } from "./hosts/hetzner.ts";
import { SshSection } from "./hosts/ssh.ts";
import { ProxySection } from "./proxy/proxy.ts";
import { BootSection } from "./release/boot.ts";
import { BuilderSection } from "./release/builder.ts";
import { CanarySection } from "./release/canary.ts";
import { ReleaseCommandSection } from "./release/command.ts";
import { HooksOutput, HooksSection, HooksTimeout } from "./release/hooks.ts";
import { MaintenanceSection } from "./release/maintenance.ts";
import { NotifySection } from "./release/notify.ts";
import { RegistrySection } from "./release/registry.ts";
import { ServersSection } from "./release/role-section.ts";
import { VerifySection } from "./release/verify.ts";
import { JobsSection } from "./schedule/job.ts";
import { ScheduleSection } from "./schedule/schedule.ts";
import { secondsFrom } from "./schema/seconds.ts";
import { field } from "./schema/section.ts";
import type { Absent } from "./schema/unknown-key.ts";

const seconds = secondsFrom(0);

/** Every key under `slipway:`, in the order of the documentation and of errors. */
export const Root = {
  deploy_file: field(z.string().min(1), {
    is: "Kamal's file, from the project's folder, from which the stack has its config: it is read and translated for each run, with the file of its destination, as `slipway import` does it. A root key that is written here replaces that of the file; secrets are joined.",
    otherwise: "the config is in the stack's file alone",
    refused: "a file outside of the project; what only a person can decide, all of it at once",
    example: "config/deploy.yml",
  }),
  service: field(z.string(), {
    is: "The app's name: prefix of containers, labels and routes.",
    refused:
      "missing; anything but letters, digits, - and _; names of containers above 63 characters for accessories, 110 for others",
    example: "shop",
  }),
  image: field(z.string(), {
    is: "The image, with or without tag or digest. A tag is resolved to a digest once for all hosts; beside a digest, it has to be that image. `file://PATH`, from the project's folder, is an image in a file of this machine, which hosts get without a registry: an OCI layout, its tar, or that of docker save; `file://PATH#NAME` is one of several in it. `engine://NAME:TAG`, or `engine://` and an id, is an image that the Docker of this machine has; hosts get it in the same way.",
    refused:
      "missing without builder; what is not an image; a tag and a digest of two images; a file without an image, or with several of which none is named; an image that the Docker of this machine does not have",
    example: "ghcr.io/acme/shop:1.4.2",
  }),
  builder: field(BuilderSection, {
    is: "Builds the image from a Dockerfile, with `docker buildx` on this machine. Without slipway:image the hosts get it from here, through SSH; an image with a digest is released as it is, and nothing is built. `{}` takes the Dockerfile of the project's folder.",
    otherwise: "nothing is built",
    refused: "with an image in a file or of Docker on this machine, or with a tag",
    example: { context: "apps/shop", args: { RUBY_VERSION: "3.4.1" } },
  }),
  version: field(z.string(), {
    is: "The name of the release, instead of the image's tag. Quote it: YAML reads 1.10 as 1.1.",
    otherwise: "the image's tag, else the beginning of its digest; of what is built, the commit",
    refused: "anything but letters, digits, ., - and _",
    example: "1.4.2",
  }),
  destination: field(z.string(), {
    is: "Distinguishes several deployments of a service on one host; `none` gives the names of Kamal without a destination.",
    otherwise: "the stack's name",
    refused: "anything but letters, digits, - and _",
    example: "staging",
  }),
  servers: field(ServersSection, {
    is: "Where the app runs: a list of addresses (the role web), or a map of roles. The file of a stack may leave it out: then the stack is accessories alone.",
    refused: "missing or empty",
    example: ["203.0.113.10"],
  }),
  hetzner: field(HetznerSection, {
    is: "What all servers at Hetzner share, and defaults for servers.<role>.hetzner. Set the token with `pulumi config set --secret hcloud:token`.",
    default: {},
    example: { location: "nbg1", ssh_from: ["198.51.100.0/24"] },
  }),
  primary_role: field(z.string(), {
    is: "The role that is proxied by default, and that the others wait for.",
    default: "web",
    refused: "a role that is not in servers",
    example: "app",
  }),
  allow_empty_roles: field(z.boolean(), {
    is: "Whether roles other than the primary one may have no hosts.",
    default: false,
    example: true,
  }),
  proxy: field(ProxySection, {
    is: "How requests reach the app through kamal-proxy.",
    example: { host: "shop.example.com", ssl: true },
  }),
  env: field(EnvSection, {
    is: "Environment of all containers of the app: a map of values, or clear, secret and tags. If it is encrypted as a whole, all values are secret.",
    default: {},
    example: { clear: { LOG_LEVEL: "info" }, secret: ["DATABASE_URL"] },
    secret: true,
  }),
  error_pages_path: field(z.string().min(1), {
    is: "A folder of the project with pages that the proxy serves for its own errors, `404.html`, `503.html` … They are Go templates; `{{ .Message }}` is the message of maintenance.",
    otherwise: "the proxy's own pages",
    refused: "a folder that is missing or has no such page",
    example: "public",
  }),
  maintenance: field(MaintenanceSection, {
    is: "The proxy answers every request with 503 instead of the app. Releases continue meanwhile.",
    default: false,
    refused: "when no role is proxied",
    example: { message: "Back at 10:00 UTC" },
  }),
  secrets: field(z.record(z.string(), z.string()), {
    is: "Secret values by name, each set with `pulumi config set --secret --path 'slipway:secrets.NAME'`.",
    default: {},
    refused: "plain text",
    example: { DATABASE_URL: { secure: "v1:…" } },
    secret: true,
  }),
  secrets_from: field(SourcesSection, {
    is: "Sources of the secrets that slipway:secrets does not have, asked once in a run and before a host is. Of a name that two have, the first one counts; what the config does not use is left there. See docs/secrets.md.",
    default: [],
    refused: "a source that has no tool here or no login; an item with two sources",
    example: [{ dotenv: ".env.production" }, { sops: "secrets.production.yaml" }],
  }),
  registry: field(RegistrySection, {
    is: "Login for the image; omit it for a public image.",
    otherwise: "none",
    example: { server: "ghcr.io", username: "shop-deploy", password: ["REGISTRY_PASSWORD"] },
  }),
  verify: field(VerifySection, {
    is: "Who must have signed the image, and that of the canary. It is verified in its registry before anything is changed; an image without that signature is not released.",
    otherwise: "signatures are not looked for",
    refused: "with an image that is in no registry, or is built in the run",
    example: { cosign: { key: "cosign.pub" } },
  }),
  accessories: field(AccessoriesSection, {
    is: "Databases, caches and other services beside the app, by name. A change is planned with its downtime, and reverted if the new container fails; the data is kept in any case.",
    default: {},
    example: {
      db: { image: "postgres:16.4", host: "203.0.113.10", env: { secret: ["POSTGRES_PASSWORD"] } },
      cache: { image: "redis:7.4", host: "203.0.113.10", options: { memory: "256m" } },
    },
  }),
  jobs: field(JobsSection, {
    is: "Commands that run on a schedule, by name, in the image and environment of the release; they change with it.",
    default: {},
    example: { expire: { schedule: "*/15 * * * *", cmd: "bin/rails sessions:expire" } },
  }),
  schedule: field(ScheduleSection, {
    is: "What runs backups and jobs, on the hosts that have any.",
    example: { image: "registry.example.com/node:24-slim" },
  }),
  docker: field(DockerSection, {
    is: "Docker on the servers.",
    default: {},
    example: { version: "28", settings: { "live-restore": true } },
  }),
  firewall: field(FirewallSection, {
    is: "Closes all ports of the hosts and their containers to the outside except SSH, the proxy's ports, what roles publish, and what is listed here.",
    default: false,
    example: { ssh_from: ["198.51.100.0/24"], allow: [{ port: 5432, from: ["10.0.0.0/16"] }] },
  }),
  harden: field(HardenSection, {
    is: "SSH by key only, not for root, with a user of its own.",
    default: false,
    example: { user: "deploy" },
  }),
  ssh: field(SshSection, { is: "How hosts are reached over SSH.", default: {}, example: { user: "deploy" } }),
  forget: field(ForgetSection, {
    is: "Hosts that are gone for good, by name, address, or `address:port`. A host that leaves the config or is destroyed must be reachable, so that nothing goes on to run there; what is on a host listed here is left as it is, and no longer in the state. A destroy reads it as well.",
    default: [],
    refused: "a host of this config",
    example: ["web-2"],
  }),
  adopt: field(AdoptSection, {
    is: "Other stacks, as `project/stack`, whose app, accessories, schedule and firewall on the hosts become this stack's: its own name before `pulumi stack rename`, or what another project or repository has left to it. Without it, what another stack made is never touched.",
    default: [],
    example: ["slipway/staging"],
  }),
  labels: field(LabelsSection, {
    is: "Labels of all containers of the app.",
    default: {},
    refused: "service, role, destination, slipway.*",
    example: { team: "checkout" },
  }),
  volumes: field(z.array(z.string()), {
    is: "What all containers of the app mount: `source:target[:ro,z,Z]`; the source is an absolute path on the host or the name of a volume.",
    default: [],
    refused: "relative paths",
    example: ["shop-uploads:/app/uploads"],
  }),
  asset_path: field(z.string(), {
    is: "A folder of the image whose files the proxied roles serve, `path[:z,Z]`. Old and new containers have the files of both versions, so that a page finds its assets during a release.",
    otherwise: "none",
    refused: "a path that is not absolute, or is also a volume",
    example: "/app/public/assets",
  }),
  logging: field(LoggingSection, {
    is: "Where Docker sends the output of all containers of the app.",
    example: { driver: "local" },
  }),
  release: field(ReleaseCommandSection, {
    is: "Commands that must succeed before a release starts, run once on the first host of the primary role, in the new image and environment. They are not run by a shell.",
    otherwise: "none",
    refused: "unquoted shell operators, comments and line breaks",
    example: "bin/rails db:migrate",
  }),
  hooks: field(HooksSection, {
    is: "Your own commands at moments of a run, for a shell on the machine that deploys. docs/hooks.md has their variables, ours and Kamal's.",
    otherwise: "nothing",
    refused: "for a moment that has a file in hooks_path",
    example: { post_deploy: './bin/announce "$SLIPWAY_VERSION serves"' },
  }),
  hooks_path: field(z.string().min(1), {
    is: "A folder, from the project's, with executable files that are hooks: `pre-connect`, `docker-setup`, `pre-proxy-reboot`, `post-proxy-reboot`, `pre-build`, `pre-deploy`, `pre-app-boot`, `post-app-boot`, `post-deploy`, `on-failure`. Those in `.kamal/hooks` run in the folder that has `.kamal`, all others in the project's.",
    otherwise: "none",
    refused: "a folder that is missing; a hook that is not executable; names of no hook, as `pre_deploy`",
    example: "hooks",
  }),
  hooks_output: field(HooksOutput, {
    is: "Whether what hooks print is shown while they run: `verbose`, or `quiet`, with the end of it if one fails. For all of them, or by moment.",
    default: "verbose",
    example: { post_deploy: "quiet" },
  }),
  hooks_timeout: field(HooksTimeout, {
    is: "Seconds until a hook is ended, with all that it has started; that is a failure. For all of them, or by moment.",
    otherwise: "3600; 60 for on_failure",
    example: { pre_deploy: 900 },
  }),
  notify: field(NotifySection, {
    is: "A webhook that gets a signed message when a release serves, is back after a rollback, or a run fails. A message that cannot be delivered is a warning, never a failure.",
    otherwise: "none",
    example: { url: "https://hooks.example.com/slipway", secret: ["NOTIFY_SECRET"] },
    secret: true,
  }),
  boot: field(BootSection, {
    is: "How many hosts start, become healthy and switch at the same time.",
    example: { limit: "25%", wait: 10 },
  }),
  watch: field(seconds, {
    is: "Seconds to watch a new release after the switch, before the old one stops. If a container exits in that time, the old release is switched back.",
    default: 0,
    example: 20,
  }),
  canary: field(CanarySection, {
    is: "Another version beside the release, which serves requests with certain values of the cookie kamal-rollout. Requests without the cookie go to the release.",
    otherwise: "none",
    refused: "when no role is proxied; with a proxied role that is stop-first",
    example: { version: "1.5.0", percent: 10 },
  }),
  deploy_timeout: field(secondsFrom(1), {
    is: "Seconds in which a new container must become healthy.",
    default: 30,
    example: 60,
  }),
  drain_timeout: field(seconds, {
    is: "Seconds that requests in flight have to finish on the old container.",
    default: 30,
    example: 60,
  }),
  stop_timeout: field(seconds, {
    is: "Seconds between SIGTERM and SIGKILL.",
    otherwise: "10 for proxied roles, drain_timeout for others",
    example: 30,
  }),
  stop_wait: field(seconds, {
    is: "Seconds that a run waits until replaced containers have ended. One whose stop_timeout is longer is left to finish by itself, without the run; until then it is shown as finishing.",
    default: 30,
    example: 5,
  }),
  readiness_delay: field(seconds, {
    is: "Seconds that a container with neither proxy nor health check must stay up.",
    default: 7,
    example: 3,
  }),
  retain_containers: field(z.int().min(1, { error: "must retain at least 1 container: rollback needs it" }), {
    is: "Stopped containers of the service that are kept on each host for a rollback.",
    default: 5,
    refused: "less than 1",
    example: 3,
  }),
  aliases: field(AliasesSection, {
    is: "Commands of slipway by names of your own: `slipway console` is then what is written here, and further arguments are added at its end. It is split into words as by a shell, without one; `-s STACK` right behind the name chooses the stack.",
    default: {},
    refused: "the name of a command; what begins with no command or alias; an alias that leads back to itself",
    example: { console: "exec -i -- bin/rails console", dbconsole: "accessory console db" },
  }),
};

export type RootKey = keyof typeof Root;
export type RootInput = { [K in RootKey]?: z.output<(typeof Root)[K]> };
export const ROOT_KEYS = Object.keys(Root) as RootKey[];
export const REQUIRED: readonly RootKey[] = ["service"];
/** One of these is required: a stack is an app, or accessories alone. */
export const PARTS: readonly RootKey[] = ["servers", "accessories"];
/** Of an app one of these is required: the image, or how it is built. */
export const ONE_REQUIRED: readonly RootKey[] = ["image", "builder"];

/** What decides only the app, and says nothing in a stack of accessories alone. */
export const OF_APP: readonly RootKey[] = [
  ...(["image", "builder", "version", "verify", "primary_role", "allow_empty_roles", "env", "labels", "volumes"] as const),
  ...(["asset_path", "logging", "maintenance", "release", "boot", "watch", "canary", "jobs", "hetzner"] as const),
  ...(["deploy_timeout", "drain_timeout", "stop_timeout", "stop_wait", "retain_containers"] as const),
];

/** Kamal's root keys that are not allowed here, with the reason. */
export const ABSENT_ROOT: Absent = {
  output: "not supported: redirect what a command prints; --json is for machines",
  secrets_path: "write slipway:secrets_from: [{ dotenv: .kamal/secrets }], or set secrets in slipway:secrets",
  require_destination: "not needed: the stack is the destination",
  minimum_version: "not needed: package.json pins the version",
  run_directory: "not needed: there is no folder on the host",
  sshkit: "not needed: each host has one connection",
};
