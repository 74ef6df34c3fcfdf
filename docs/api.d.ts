import * as pulumi from '@pulumi/pulumi';

/** The words of the house (docs/design.md): one meaning each, no synonyms. */
/** A machine reached by SSH, as the config names it: `web-1`. */
type HostName = string;
/** A named group of hosts that run one command of the app's image: `web`. */
type RoleName = string;
/** `<version>-<first 8 of the spec hash>`: `1.4.2-ab12cd34`. */
type ReleaseId = string;
/** `<service>-<role>[-<destination>]-<release>`: `shop-web-production-1.4.2-ab12cd34`. */
type ContainerName = string;
/** A place where one container of a role runs: `web-1/web`. */
type Slot = `${HostName}/${RoleName}`;
type Seconds = number;

/**
 * A port of a server that leads to an accessory.
 *
 * @example shop.accessories.db.published["db-1"]
 */
interface PublishedPort {
    /**
     * The address that `port` of the accessory names; without one, with `public: true`, its server's.
     *
     * @example "10.0.0.5"
     */
    readonly host: pulumi.Output<string>;
    /**
     * The port of the server.
     *
     * @example 5432
     */
    readonly port: pulumi.Output<number>;
    /**
     * As `url` of the accessory, with this host and port. Default: undefined, unless image and environment decide it.
     *
     * @example "postgres://app:p%40ss@10.0.0.5:5432/shop"
     */
    readonly url: pulumi.Output<string> | undefined;
}
/**
 * How an accessory is reached. What takes one of its outputs waits until it runs on all its servers.
 *
 * @example shop.accessories.db
 */
interface AccessoryOutputs {
    /**
     * The names of the servers that it runs on, sorted.
     *
     * @example ["db-1"]
     */
    readonly hosts: readonly HostName[];
    /**
     * What `${accessories.db.host}` is in the app's environment: the container's name for an app on the same server, else the published
     * address. Default: undefined, if the app cannot reach it, or reaches it in different ways from different servers.
     *
     * @example "shop-db-production"
     */
    readonly host: pulumi.Output<string> | undefined;
    /**
     * What `${accessories.db.port}` is in the app's environment. Default: undefined, as for `host`, and if no port is known.
     *
     * @example 5432
     */
    readonly port: pulumi.Output<number> | undefined;
    /**
     * The URL with this host and port, user and password as its environment has them, percent-encoded; a secret if a part of it is.
     * Default: undefined, unless image and environment decide it: PostgreSQL with POSTGRES_PASSWORD, MySQL and MariaDB with a user and its
     * password, Redis and Valkey with REDIS_PASSWORD or without any password.
     *
     * @example "postgres://app:p%40ss@shop-db-production:5432/shop"
     */
    readonly url: pulumi.Output<string> | undefined;
    /**
     * Server name → the port that it publishes there for other machines. Default: empty, if it publishes none, or on loopback only.
     *
     * @example { "db-1": { host: "10.0.0.5", port: 5432, url: "postgres://app:p%40ss@10.0.0.5:5432/shop" } }
     */
    readonly published: Readonly<Record<HostName, PublishedPort>>;
}

/** A port of a host that is reachable from outside. */
interface Opening {
    readonly port: number;
    readonly protocol: "tcp" | "udp";
    /** Address ranges; empty allows no one. */
    readonly from: readonly string[];
}

/** Generated from the schema of a stack's file by `npm run docs`; do not edit. */
/** See `slipway:docker`. */
interface DockerArgs {
    /**
     * Whether Docker is installed on servers where it is missing. Neither Docker nor its settings are ever removed.
     * Default: true.
     *
     * @example false
     */
    readonly install?: boolean | undefined;
    /**
     * Where its packages come from: the server's distribution, or Docker's own signed repository.
     * Default: distribution on Debian and Ubuntu; docker on Fedora, RHEL and their derivatives, and wherever version or mirror is set.
     *
     * @example "docker"
     */
    readonly source?: "distribution" | "docker" | undefined;
    /**
     * Minimum version on the servers, complete or in part. An older Docker is upgraded, a newer one is left alone.
     * Default: any version; the newest where Docker is missing.
     * Refused: with source: distribution, which has only one version.
     *
     * @example "28.3"
     */
    readonly version?: string | undefined;
    /**
     * Keys of /etc/docker/daemon.json, merged into the file. Docker is reloaded if that is enough, else restarted. A key that is removed here stays in the file.
     * Default: where Slipway installs Docker: log-driver json-file with max-size 10m and max-file 5, and live-restore true; elsewhere none.
     * Refused: hosts, which makes Docker listen on the network.
     *
     * @example { "live-restore": true, "registry-mirrors": ["https://mirror.example.com"] }
     */
    readonly settings?: Readonly<Record<string, unknown>> | undefined;
    /**
     * A mirror of Docker's repository that the servers can reach over HTTP or HTTPS.
     * Default: "https://download.docker.com".
     * Refused: with source: distribution.
     *
     * @example "https://mirror.example.com/docker"
     */
    readonly mirror?: string | undefined;
    /**
     * The fingerprint of the key that signs the repository. Nothing is installed from a repository with a different signature.
     * Default: Docker's own keys.
     * Refused: with source: distribution.
     *
     * @example "9DC858229FC7DD38854AE2D88D81803C0EBFCD88"
     */
    readonly fingerprint?: string | undefined;
}
/** See `slipway:firewall`. */
interface FirewallArgs$1 {
    /**
     * Address ranges that may use SSH. A rule that locks out the current run is reverted automatically.
     * Default: ["0.0.0.0/0","::/0"].
     * Refused: anything but address ranges.
     *
     * @example ["198.51.100.0/24"]
     */
    readonly sshFrom?: readonly string[] | undefined;
    /**
     * Additional ports that are open. The proxy's ports, and those that roles publish on a public address, are always open.
     * Default: [].
     *
     * @example [{ port: 5432, from: ["10.0.0.0/16"] }]
     */
    readonly allow?: readonly OpeningArgs[] | undefined;
}
/** See `slipway:firewall.allow`. */
interface OpeningArgs {
    /**
     * Port of the host.
     * Refused: missing.
     *
     * @example 5432
     */
    readonly port: number;
    /**
     * Protocol.
     * Default: "tcp".
     *
     * @example "udp"
     */
    readonly protocol?: "tcp" | "udp" | undefined;
    /**
     * Address ranges that may reach it.
     * Default: ["0.0.0.0/0","::/0"].
     * Refused: anything but address ranges.
     *
     * @example ["10.0.0.0/16"]
     */
    readonly from?: readonly string[] | undefined;
}
/** See `slipway:harden`. */
interface HardenArgs {
    /**
     * Who logs in afterwards: created if missing, with the keys of the current user, sudo without a password, and access to Docker.
     * Default: "deploy".
     * Refused: root.
     *
     * @example "ship"
     */
    readonly user?: string | undefined;
}
/** See `slipway:proxy.run`. */
interface ProxyRunArgs {
    /**
     * Port of the host for HTTP.
     * Default: 80.
     * Refused: with publish: false.
     *
     * @example 8080
     */
    readonly httpPort?: number | undefined;
    /**
     * Port of the host for HTTPS.
     * Default: 443.
     * Refused: with publish: false.
     *
     * @example 8443
     */
    readonly httpsPort?: number | undefined;
    /**
     * Whether the proxy's ports are published on the host.
     * Default: true.
     *
     * @example false
     */
    readonly publish?: boolean | undefined;
    /**
     * Addresses of the host that the proxy listens on.
     * Default: all addresses.
     * Refused: anything but IP addresses.
     *
     * @example ["203.0.113.10"]
     */
    readonly bindIps?: readonly string[] | undefined;
    /**
     * Port of Prometheus metrics in the proxy's container; with publish, also on 127.0.0.1 of the host.
     * Default: off.
     *
     * @example 9090
     */
    readonly metricsPort?: number | undefined;
    /**
     * Whether the proxy logs at debug level.
     * Default: false.
     *
     * @example true
     */
    readonly debug?: boolean | undefined;
    /**
     * Size at which Docker rotates the proxy's log.
     * Default: "10m".
     *
     * @example "50m"
     */
    readonly logMaxSize?: string | undefined;
    /**
     * Registry of the proxy's image.
     * Default: Docker Hub.
     *
     * @example "registry.example.com"
     */
    readonly registry?: string | undefined;
    /**
     * Repository of the proxy's image.
     * Default: "basecamp/kamal-proxy".
     *
     * @example "mirror/kamal-proxy"
     */
    readonly repository?: string | undefined;
    /**
     * Tag of the proxy's image.
     * Default: "v0.9.2".
     * Refused: older than v0.9.2.
     *
     * @example "v0.9.2"
     */
    readonly version?: string | undefined;
}

/** How SSH reaches a machine. With which key is in the stack's config, `slipway:ssh`: it differs between the people who deploy. */
interface ConnectionArgs {
    /**
     * IP address or host name, known or an output of the resource that makes the machine.
     *
     * @example droplet.ipv4Address
     */
    readonly address: pulumi.Input<string>;
    /**
     * The host key that it must present. Default: the one in `slipway:ssh.host_keys`, else in known_hosts.
     *
     * @example key.publicKey
     */
    readonly hostKey?: pulumi.Input<string> | undefined;
    /**
     * Port of SSH. Default: 22.
     *
     * @example 2222
     */
    readonly port?: number | undefined;
    /**
     * Who logs in; needs sudo without a password unless it is root. Default: "root".
     *
     * @example "deploy"
     */
    readonly user?: string | undefined;
}

type Directory = { source: string; target: string; mode?: number | undefined; owner?: string | undefined; readOnly?: true | undefined; relabel?: "z" | "Z" | undefined; };

type AccessoryFile = { path: string; mode: number; template: boolean; content: string; encoding: "base64" | "utf8"; owner?: string | undefined; };

type PresetName = "postgres" | "mysql" | "mariadb" | "redis" | "valkey";

type HostPort = { ip: string; hostPort: number; containerPort: number; protocol: "tcp" | "udp"; };

type Logging = { driver: string; options: Record<string, string>; chosen?: true | undefined; };

type Mount = { source: string; target: string; readOnly: boolean; relabel?: "z" | "Z" | undefined; };

type ContainerOptions = { restart: { name: "no" | "always" | "unless-stopped" | "on-failure"; maximumRetryCount?: number | undefined; }; capAdd: string[]; capDrop: string[]; readOnly: boolean; tmpfs: Record<string, string>; addHost: string[]; ulimits: { name: string; soft: number; hard: number; }[]; memory?: number | undefined; cpus?: number | undefined; user?: string | undefined; workdir?: string | undefined; hostname?: string | undefined; shmSize?: number | undefined; memorySwap?: number | undefined; memoryReservation?: number | undefined; cpuShares?: number | undefined; pidsLimit?: number | undefined; oomScoreAdj?: number | undefined; publish?: { ip: string; hostPort: number; containerPort: number; protocol: "tcp" | "udp"; }[] | undefined; devices?: { source: string; target: string; permissions: string; }[] | undefined; gpus?: number | "all" | undefined; privileged?: boolean | undefined; securityOpt?: string[] | undefined; sysctls?: Record<string, string> | undefined; ipc?: "none" | "private" | "shareable" | "host" | undefined; pid?: "host" | undefined; dns?: string[] | undefined; init?: boolean | undefined; stopSignal?: string | undefined; entrypoint?: string[] | undefined; groupAdd?: string[] | undefined; noHealthcheck?: true | undefined; hostNetwork?: true | undefined; networks?: string[] | undefined; networkAliases?: string[] | undefined; userns?: "host" | undefined; runtime?: string | undefined; };

type Readiness = { by: "route"; } | { by: "http"; port: number; path: string; timeout: number; host?: string | undefined; } | { by: "command"; command: string[]; interval: number; timeout: number; } | { by: "docker"; delay: number; };

type AccessoryReadiness = { by: "http"; port: number; path: string; timeout: number; host?: string | undefined; } | { by: "command"; command: string[]; interval: number; timeout: number; } | { by: "docker"; delay: number; } | { by: "tcp"; port: number; timeout: number; };

type Registry = { server: string; username: string; password: string; expires?: boolean | undefined; };

type RouteSpec = { hosts: string[]; pathPrefixes: string[]; stripPathPrefix: boolean; tls: { kind: "off"; } | { kind: "acme"; staging: boolean; } | { kind: "certificate"; certificatePath: string; privateKeyPath: string; }; tlsRedirect: boolean; healthcheck: { path: string; interval: number; timeout: number; port?: number | undefined; host?: string | undefined; }; responseTimeout: number; buffering: { requests: boolean; responses: boolean; memory: number; maxRequestBody: number; maxResponseBody: number; }; forwardHeaders: boolean; logging: { requestHeaders: string[]; responseHeaders: string[]; }; scopeCookiePaths: boolean; appPort: number; canonicalHost?: string | undefined; errorPages?: string | undefined; };

type Backup = { timeout: number; keep: number; to: { kind: "directory"; path: string; } | { endpoint: string; region: string; bucket: string; prefix: string; accessKey: string; secretKey: string; kind: "s3"; }; cron: string; timezone: string; encrypt?: string | undefined; volumes?: string[] | undefined; drill?: string | undefined; };

type Labels = Readonly<Record<string, string>>;

type SourceInput = { dotenv?: string | string[] | undefined; env?: true | undefined; command?: string[] | undefined; sops?: string | undefined; "1password"?: { item?: string | string[] | undefined; vault?: string | undefined; account?: string | undefined; } | undefined; aws?: { secret?: string | string[] | undefined; prefix?: string | undefined; region?: string | undefined; profile?: string | undefined; } | undefined; doppler?: { project?: string | undefined; config?: string | undefined; } | undefined; vault?: { path?: string | string[] | undefined; mount?: string | undefined; address?: string | undefined; namespace?: string | undefined; } | undefined; openbao?: { path?: string | string[] | undefined; mount?: string | undefined; address?: string | undefined; namespace?: string | undefined; } | undefined; gcp?: { project?: string | undefined; prefix?: string | undefined; account?: string | undefined; impersonate?: string | undefined; } | undefined; bitwarden?: { item?: string | string[] | undefined; } | undefined; "bitwarden-sm"?: { project?: string | undefined; } | undefined; infisical?: { project?: string | undefined; environment?: string | undefined; path?: string | undefined; } | undefined; lastpass?: { folder?: string | undefined; } | undefined; names?: Record<string, string> | undefined; folder?: string | undefined; prints?: string | undefined; };

/** The environment of containers. A name occurs in only one of the maps. */
interface Env {
    readonly clear: Readonly<Record<string, string>>;
    /** Name in the container → name in `Config.secrets`. */
    readonly secret: Readonly<Record<string, string>>;
}

/** File name → content: `503.html`. */
type ErrorPages = Readonly<Record<string, string>>;

type ProxyFiles = { [x: string]: Record<string, { from: "text"; text: string; } | { from: "secret"; secret: string; }>; };

interface HetznerBalancer {
    readonly type: string;
    /** Where TLS ends: at the load balancer with a certificate from Hetzner, at kamal-proxy, or nowhere. */
    readonly tls: "managed" | "passthrough" | "off";
}

/** A server that this stack creates at Hetzner: all its properties but the name. */
interface HetznerMachine$1 {
    readonly type: string;
    readonly location: string;
    readonly image: string;
    /** Address range of the private network; undefined: none. */
    readonly network: string | undefined;
    readonly labels: Readonly<Record<string, string>>;
    readonly volumes: readonly HetznerVolume[];
    readonly backups: boolean;
    readonly placement: "spread" | "anywhere";
    /** Whether its address is kept when the server is replaced. */
    readonly primaryIp: boolean;
    /** Whether Pulumi and Hetzner refuse to delete it. */
    readonly protect: boolean;
}
interface HetznerVolume {
    readonly name: string;
    /** In GB. */
    readonly size: number;
    /** Whether it is deleted with its server. */
    readonly delete: boolean;
}

/** The servers of one role at Hetzner. */
interface HetznerServers extends HetznerMachine$1 {
    readonly count: number;
}
/** With their load balancer. */
interface HetznerRole extends HetznerServers {
    readonly balancer: HetznerBalancer | undefined;
}
/** What all servers of a stack at Hetzner share. */
interface HetznerShared {
    /** Public keys that may log in. Empty: the public halves of the keys in slipway:ssh. */
    readonly sshKeys: readonly string[];
    /** Address ranges that may use SSH. */
    readonly sshFrom: readonly string[];
    /** A zone of Hetzner DNS that gets the app's host names; undefined: no records are written. */
    readonly dnsZone: string | undefined;
}

/** A machine that the config names. */
type Host = ExistingHost | MadeHost;
/** A machine that exists, or that the program creates. */
interface ExistingHost {
    readonly name: HostName;
    readonly address: string;
    readonly port: number;
    readonly user: string;
    /** The host key that it must present: `ssh-ed25519 AAAA…`. */
    readonly hostKey?: string;
    readonly madeAt?: undefined;
}
/** A machine that this stack creates: its address and key are known only then. */
interface MadeHost {
    readonly name: HostName;
    readonly port: number;
    readonly user: string;
    readonly madeAt: "hetzner";
    readonly machine: HetznerMachine$1;
}

/** How hosts are reached. `user`, `port` and `hostKeys` are also in each `Host`. */
interface Ssh {
    readonly user: string;
    readonly port: number;
    /** Key files; empty means OpenSSH's defaults in ~/.ssh. */
    readonly keys: readonly string[];
    /** Private keys in plain text: never in state, never in an output. */
    readonly keyData: readonly string[];
    /** true: the agent of the environment; text: the path of its socket. */
    readonly agent: boolean | string;
    /** Host name or address → `ssh-ed25519 AAAA…`. */
    readonly hostKeys: Readonly<Record<string, string>>;
    readonly knownHosts: readonly string[];
    /** Files of OpenSSH client configuration; empty means that none is read. */
    readonly config: readonly string[];
    readonly jump: Jump | undefined;
    readonly connectTimeout: Seconds;
    readonly dockerTimeout: Seconds;
}
interface Jump {
    readonly user: string;
    readonly address: string;
    readonly port: number;
}

/** A long-lived service beside the app, with a life and data of its own. */
interface Accessory$1 {
    readonly name: string;
    readonly container: ContainerName;
    /** Sorted by name. */
    readonly hosts: readonly HostName[];
    /** With the name of its registry; the tag as written. */
    readonly image: string;
    /** Its own, else the root's if the image is in that registry. */
    readonly registry: Registry | undefined;
    readonly preset: PresetName | undefined;
    /** Arguments; undefined: the image's own command. */
    readonly command: string[] | undefined;
    /** The port inside the container that clients use: that of `port`, else the preset's. */
    readonly containerPort: number | undefined;
    /** Where it listens on the host; undefined: only on its Docker network. */
    readonly publish: HostPort | undefined;
    /** Only its own: the root's is for the app. */
    readonly env: Env;
    /** What it publishes besides. */
    readonly morePorts: readonly HostPort[];
    /** The complete environment on hosts where its references have different values. */
    readonly on: Readonly<Record<HostName, Env>>;
    readonly files: AccessoryFile[];
    readonly directories: Directory[];
    readonly mounts: Mount[];
    readonly labels: Labels;
    readonly options: ContainerOptions;
    /** undefined: `kamal`. */
    readonly network: string | undefined;
    readonly ready: AccessoryReadiness;
    /** undefined: not proxied. */
    readonly proxy: RouteSpec | undefined;
    readonly logging: Logging;
    readonly stopTimeout: Seconds;
    readonly bootTimeout: Seconds;
    /** What happens to its volumes and folders when it is removed. */
    readonly data: "keep" | "delete";
    readonly startEmpty: boolean;
    /** Whether Pulumi refuses to delete it. */
    readonly protect: boolean;
    /** undefined: not backed up. */
    readonly backup: Backup | undefined;
    /** Accessories that its env refers to. */
    readonly after: readonly string[];
}

type Assets = { path: string; relabel?: "z" | "Z" | undefined; };

type Strategy = "start-first" | "stop-first";

/** What differs for a role on one of its hosts. */
interface HostPart {
    /** The complete environment there, not an addition. */
    readonly env: Env;
    /** The complete route there. */
    readonly proxy?: RouteSpec;
}

type Builder = { context: string; args: Record<string, string>; secrets: string[]; platforms: string[]; provenance: string; sbom: string; dockerfile?: string | undefined; target?: string | undefined; ssh?: string | undefined; clean?: true | "commit" | undefined; with?: "buildx" | "@pulumi/docker" | undefined; driver?: "docker" | "docker-container" | undefined; remote?: string | undefined; cache?: { type: "registry" | "gha"; image?: string | undefined; options?: string | undefined; } | undefined; };

/** Where an image comes from. */
interface ImageSource {
    /**
     * With the name of its registry: `ghcr.io/acme/shop:1.4.2`; or on the operator's machine: `file://dist/shop.tar`, `engine://shop:dev`; or
     * what no registry has, since it is built: `slipway.invalid/shop`.
     */
    readonly image: string;
    /** How the image is built; undefined: it is not. */
    readonly builder: Builder | undefined;
}

/** An image that a role runs instead of the app's. */
interface OwnImage extends ImageSource {
    /** undefined: that of what it runs. */
    readonly version: string | undefined;
}
/** A named group of hosts that run one command of the app's image, or an image of their own. */
interface Role {
    readonly name: RoleName;
    /** The role that others wait for, and that is proxied by default. */
    readonly primary: boolean;
    readonly hosts: readonly HostName[];
    /** What differs on single hosts. */
    readonly on: Readonly<Record<HostName, HostPart>>;
    /** Containers on each host. */
    readonly replicas: number;
    readonly strategy: Strategy;
    readonly ready: Readiness;
    /** undefined: it runs the app's image. */
    readonly own: OwnImage | undefined;
    /** Arguments; undefined: the image's own command. */
    readonly command: string[] | undefined;
    readonly env: Env;
    readonly labels: Labels;
    readonly options: ContainerOptions;
    readonly mounts: Mount[];
    readonly assets: Assets | undefined;
    readonly logging: Logging;
    /** undefined: not proxied. */
    readonly proxy: RouteSpec | undefined;
    readonly stopTimeout: Seconds;
    /** Between the end of the release and the stop signal of what it replaced. */
    readonly stopDelay: Seconds;
    /** Its servers at Hetzner; undefined: its hosts exist already. */
    readonly hetzner: HetznerRole | undefined;
    /** Commands that are run on each of its hosts before the app is started there. */
    readonly setup: readonly string[];
}

type Boot = { limit: number; wait: number; parallelRoles: boolean; };

type ReleaseCommand = { commands: string[][]; timeout: number; };

type Maintenance = { message: string; };

/** What a text of a certificate has to be. A pattern may match any part of it, unless it has `^` and `$`. */
type Expected = {
    readonly kind: "exact";
    readonly text: string;
} | {
    readonly kind: "pattern";
    readonly pattern: string;
};
/** A public key that signs images, PEM. */
interface TrustedKey {
    /** As it is written: `cosign.pub`. */
    readonly name: string;
    readonly pem: string;
}
/** The authorities of Sigstore: those that issue certificates, and the logs that record signatures. */
interface TrustedRoot {
    /** Its file. */
    readonly name: string;
    readonly json: string;
}
/** Whose signature an image must have. */
type Trust = {
    readonly by: "key";
    /** Any one of them. */
    readonly keys: readonly [TrustedKey, ...TrustedKey[]];
    /** Present: the signature must also be recorded in a log of it. */
    readonly root: TrustedRoot | undefined;
} | {
    readonly by: "identity";
    readonly identity: Expected;
    readonly issuer: Expected;
    readonly root: TrustedRoot;
};

type VerifiedImage = { signed: string; index?: string | undefined; };

/** What JSON can express. */
type Json = string | number | boolean | null | readonly Json[] | {
    readonly [key: string]: Json;
};

/** Docker on all servers. */
interface Docker {
    /** Whether it is installed where it is missing. */
    readonly install: boolean;
    /** undefined: the default of the server's distribution. */
    readonly source: "distribution" | "docker" | undefined;
    /** `28` or `28.3`: the oldest version allowed. */
    readonly version: string | undefined;
    /** Keys of `daemon.json`; other keys of the file are left alone. */
    readonly settings: Readonly<Record<string, Json>>;
    /** Replaces https://download.docker.com; without a trailing slash. */
    readonly mirror: string | undefined;
    /** Of the key that signs the repository: 40 hex digits in upper case. */
    readonly fingerprint: string | undefined;
}

/** What each host's firewall allows besides the proxy's ports and what roles publish. */
interface Firewall$1 {
    /** Address ranges that may use SSH. */
    readonly sshFrom: readonly string[];
    readonly allow: readonly Opening[];
}

/** How the SSH of each host is hardened. */
interface Harden {
    /** Who logs in afterwards; root no longer can. */
    readonly user: string;
}

/** How the proxy's container runs: one per host, shared by all apps there. */
interface ProxyRun {
    readonly httpPort: number;
    readonly httpsPort: number;
    /** Whether its ports are published on the host. */
    readonly publish: boolean;
    /** Addresses of the host that it listens on; empty means all. */
    readonly bindIps: readonly string[];
    readonly metricsPort: number | undefined;
    readonly debug: boolean;
    readonly logMaxSize: string;
    /** The registry of its image; undefined means Docker Hub. */
    readonly registry: string | undefined;
    readonly repository: string;
    readonly version: string;
}

type CanaryShare = { to: "percent"; percent: number; } | { to: "allowed"; allow: string[]; };

/** Another version that serves a share of the requests, beside the release. */
interface Canary {
    /** With its tag or digest. */
    readonly image: string;
    readonly version: string | undefined;
    readonly share: CanaryShare;
}

/** When the user's own programs run, in the order of a run. */
declare const MOMENTS: readonly ["pre_connect", "docker_setup", "pre_proxy_reboot", "post_proxy_reboot", "pre_build", "pre_deploy", "pre_app_boot", "post_app_boot", "post_deploy", "on_failure"];
type Moment = (typeof MOMENTS)[number];

type Hook = { run: { commands: string[]; } | { file: string; }; output: "verbose" | "quiet"; timeout: number; };
type Hooks = Readonly<Partial<Record<Moment, Hook>>>;

type Job$1 = { timeout: number; concurrency: "allow" | "forbid"; command: string[]; cron: string; timezone: string; };

/** A job with its name and place. */
interface Job extends Job$1 {
    readonly name: string;
    readonly host: HostName;
    /** The role whose environment, mounts and options it has. */
    readonly role: RoleName;
    /** Its own image, in a registry; undefined: the role's. */
    readonly own: ImageSource | undefined;
}

/** The container that runs backups and jobs on their hosts. */
interface Schedule {
    /** An image with Node.js 24, `sh`, `tar` and `mkfifo`. */
    readonly image: string;
}

/** A stack's config, resolved: complete with defaults. Contains secrets in plain text: wrap them before they become inputs of a resource. */
interface Config extends ImageSource {
    readonly service: string;
    /** undefined: containers and routes are named as Kamal names them without a destination. */
    readonly destination: string | undefined;
    /** The name of the release; undefined: that of what it runs. */
    readonly version: string | undefined;
    readonly registry: Registry | undefined;
    /** Whose signature the images must have; undefined: none is looked for. */
    readonly verify: Trust | undefined;
    readonly ssh: Ssh;
    readonly docker: Docker;
    readonly firewall: Firewall$1 | undefined;
    readonly harden: Harden | undefined;
    readonly hetzner: HetznerShared;
    /** Stacks whose things on the hosts become this stack's. */
    readonly adopt: readonly string[];
    /** All hosts of all roles and accessories, sorted by name. */
    readonly hosts: readonly Host[];
    /** The primary role first, the others by name. None: the stack is accessories alone. */
    readonly roles: readonly Role[];
    /** Sorted by name. */
    readonly accessories: readonly Accessory$1[];
    /** Name → value in plain text; `secret` of an env refers to these names. */
    readonly secrets: Readonly<Record<string, string>>;
    readonly proxyRun: ProxyRun;
    readonly deployTimeout: Seconds;
    readonly drainTimeout: Seconds;
    /** How long a run waits until replaced containers have ended. */
    readonly stopWait: Seconds;
    readonly retainContainers: number;
    readonly boot: Boot;
    /** How long a new release is watched after the switch, before the old one stops. */
    readonly watch: Seconds;
    readonly releaseCommand: ReleaseCommand | undefined;
    readonly hooks: Hooks;
    readonly canary: Canary | undefined;
    readonly maintenance: Maintenance | undefined;
    readonly errorPages: ErrorPages | undefined;
    /** Certificates and error pages, which the proxies read. */
    readonly proxyFiles: ProxyFiles;
    /** Sorted by name. */
    readonly jobs: readonly Job[];
    readonly schedule: Schedule;
    /** What a preview says of how the config was made, once. */
    readonly notes: readonly string[];
}

type Address = { name: string; address: string; port: number; user: string; hostKey?: string | undefined; made?: true | undefined; };

/** The nouns that `slipway/provider` exports, and their types in the state. Neither may ever change. */
declare const NOUNS: {
    readonly release: "Release";
    readonly proxy: "Proxy";
    readonly registryLogin: "RegistryLogin";
    readonly hostKey: "HostKey";
    readonly dockerEngine: "DockerEngine";
    readonly firewall: "Firewall";
    readonly exposure: "Exposure";
    readonly hardening: "Hardening";
    readonly tenancy: "Tenancy";
    readonly accessory: "Accessory";
    readonly schedule: "Schedule";
    readonly setup: "Setup";
    readonly hook: "Hook";
    readonly build: "Build";
};
/** The address of a host. Field by field, so that a preview shows what is already known of a machine that does not exist yet. */
type HostFields = {
    readonly [K in keyof Address]: pulumi.Input<Address[K]>;
};
type HostInput = pulumi.Input<HostFields>;
/** A resource that one of our providers converges. */
declare abstract class DynamicResource<I extends object> extends pulumi.CustomResource {
    constructor(noun: keyof typeof NOUNS, name: string, inputs: {
        [K in keyof I]: pulumi.Input<I[K]>;
    }, opts: pulumi.CustomResourceOptions);
}

interface CloudConfigArgs {
    /**
     * The host key of the machine, in OpenSSH's file format.
     *
     * @example { privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----…", publicKey: "ssh-ed25519 AAAA…" }
     */
    readonly hostKey: {
        readonly privateKey: string;
        readonly publicKey: string;
    };
    /**
     * Who logs in; created with sudo unless it is root.
     *
     * @example "root"
     */
    readonly user: string;
    /**
     * Public keys that may log in.
     *
     * @example ["ssh-ed25519 AAAA…"]
     */
    readonly authorizedKeys: readonly string[];
}
/**
 * User data that makes even the first SSH connection a verified one: the machine gets its host key from here instead of generating
 * an unknown one. For every cloud whose images run cloud-init.
 *
 * @example
 * new digitalocean.Droplet("web-1", { userData: key.cloudConfig({ user: "root", authorizedKeys }), … });
 */
declare function cloudConfig({ hostKey, user, authorizedKeys }: CloudConfigArgs): string;

/** Public keys that may log in, known or outputs of the resources that have them. @example ["ssh-ed25519 AAAA…", key.publicKey] */
type AuthorizedKeys = readonly pulumi.Input<string>[];
/**
 * The SSH host key of a machine that does not exist yet: generated by the program and given to the machine when it is created, so
 * that the first connection is verified. It never changes while the resource exists; the private half is a secret in the state.
 */
declare class HostKey extends DynamicResource<{
    host: string;
}> {
    /** `ssh-ed25519 AAAA…` */
    readonly publicKey: pulumi.Output<string>;
    /** In OpenSSH's file format. */
    readonly privateKey: pulumi.Output<string>;
    /** @param name the host: `web-1` */
    constructor(name: string, opts?: pulumi.CustomResourceOptions);
    /** User data for the machine with this key. */
    cloudConfig({ user, authorizedKeys, }: Pick<CloudConfigArgs, "user"> & {
        readonly authorizedKeys: AuthorizedKeys;
    }): pulumi.Output<string>;
}

interface HetznerSiteArgs {
    /**
     * Prefix of all names in the Hetzner project.
     *
     * @example "shop-production"
     */
    readonly name: string;
    /**
     * Labels of everything that is created.
     *
     * @example { service: "shop", managed_by: "slipway" }
     */
    readonly labels: Readonly<Record<string, string>>;
    /**
     * Where SSH may come from.
     *
     * @example config.hetzner
     */
    readonly shared: HetznerShared;
    /**
     * Public keys that may log in.
     *
     * @example operatorKeys(config)
     */
    readonly authorizedKeys: readonly string[];
    /**
     * The servers, by role.
     *
     * @example new Map([["web", role.hetzner]])
     */
    readonly roles: ReadonlyMap<RoleName, HetznerRole>;
    /**
     * Where sshd of the servers listens.
     *
     * @example [22]
     */
    readonly sshPorts: readonly number[];
    /**
     * What else is reachable: the ports of the proxy, of roles that publish some, and of `firewall.allow`.
     *
     * @example ["443/tcp", "5432/tcp from 10.0.0.0/16"]
     */
    readonly open: readonly string[];
}
/** A private network for a server to join. */
interface PrivateNetwork {
    readonly networkId: pulumi.Output<number>;
    /** Must exist before a server can join. */
    readonly subnet: pulumi.Resource;
}
/** What the servers of a stack share at Hetzner: SSH keys, firewall, private networks and placement groups. */
declare class HetznerSite extends pulumi.ComponentResource {
    #private;
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly authorizedKeys: readonly string[];
    readonly keys: readonly pulumi.Output<string>[];
    readonly firewalls: readonly pulumi.Output<number>[];
    constructor({ name, labels, shared, authorizedKeys, roles, ...reach }: HetznerSiteArgs, opts?: pulumi.ComponentResourceOptions);
    /** The private network of a machine. */
    network({ network, location }: HetznerMachine$1): PrivateNetwork | undefined;
    /** The placement group that spreads the servers of a role. */
    group(role: RoleName, { placement }: HetznerMachine$1, nth: number): pulumi.Output<number> | undefined;
    private declareKeys;
    /** The same ports as the firewall of each host: one that is closed at Hetzner alone would be missed nowhere but by its users. */
    private declareFirewall;
    private declareNetworks;
    /** Declared whatever the placement of new servers: a group that still has a server cannot be deleted. */
    private declareGroups;
}

interface HetznerServerArgs {
    /**
     * What the servers of the stack share.
     *
     * @example new HetznerSite(…)
     */
    readonly site: HetznerSurroundings;
    /**
     * The role; servers of one role can be spread over Hetzner's own machines. Default: a machine of no role.
     *
     * @example "web"
     */
    readonly role?: RoleName | undefined;
    /**
     * Its number within the role, from 1.
     *
     * @example 1
     */
    readonly nth: number;
    /**
     * Everything that decides it but its name.
     *
     * @example role.hetzner
     */
    readonly machine: HetznerMachine$1;
    /**
     * Port of SSH.
     *
     * @example 22
     */
    readonly port: number;
    /**
     * Who logs in; created with sudo unless it is root.
     *
     * @example "root"
     */
    readonly user: string;
}
/** What a server is made in and with, whether others share it or not. */
interface HetznerSurroundings extends Pick<HetznerSite, "name" | "labels" | "network" | "group"> {
    readonly authorizedKeys: AuthorizedKeys;
    /** Ids of SSH keys at Hetzner: without one, root gets a password that it has to change at its first login. */
    readonly keys: readonly pulumi.Output<string>[];
    readonly firewalls: readonly pulumi.Output<number>[];
}

interface FirewallArgs {
    /**
     * The host whose ports are closed.
     *
     * @example server.connection
     */
    readonly host: HostInput;
    /**
     * Where SSH may come from, and more ports that are open.
     *
     * @example { sshFrom: ["198.51.100.0/24"], allow: [] }
     */
    readonly firewall: Firewall$1;
    /**
     * The ports that the app needs open, from `publicOpenings`.
     *
     * @example [{ port: 443, protocol: "tcp", from: ["0.0.0.0/0", "::/0"] }]
     */
    readonly open: readonly Opening[];
    /**
     * Stacks whose firewall on that host becomes this stack's. Default: none.
     *
     * @example ["slipway/staging"]
     */
    readonly adopt?: readonly string[];
    /**
     * Keeps containers from the metadata of a server whose user-data holds a secret. Default: they can read it.
     *
     * @example "closed"
     */
    readonly metadata?: "closed" | undefined;
}

/**
 * Credentials of an image registry.
 *
 * @example { server: "ghcr.io", username: "shop-deploy", password: config.requireSecret("registryPassword") }
 */
interface RegistryCredentials {
    /**
     * The registry, `host` or `host:port`; `docker.io` is Docker Hub.
     *
     * @example "ghcr.io"
     */
    readonly server: pulumi.Input<string>;
    /**
     * Who logs in.
     *
     * @example "shop-deploy"
     */
    readonly username: pulumi.Input<string>;
    /**
     * The password or token, as a secret: `pulumi.secret(…)` or `config.requireSecret(…)`.
     *
     * @example config.requireSecret("registryPassword")
     */
    readonly password: pulumi.Input<string>;
    /**
     * Whether the password is a token that expires, as those of ECR and Artifact Registry, and is a different one in each run: a different one
     * alone is no change then.
     *
     * Default: false.
     *
     * @example true
     */
    readonly expires?: pulumi.Input<boolean | undefined>;
}
interface RegistryLoginArgs extends RegistryCredentials {
    /**
     * The host that logs in.
     *
     * @example server.connection
     */
    readonly host: HostInput;
}
/** A registry login, verified from one host before anything else is changed there. The host does not store it. */
declare class RegistryLogin extends DynamicResource<object> {
    constructor(name: string, args: RegistryLoginArgs, opts?: pulumi.CustomResourceOptions);
}

/** Where a server comes from. */
type MachineArgs = 
/** It exists, or the program creates it: then its address is an output. */
({
    readonly kind: "existing";
} & ExistingMachine)
/** This component creates it. */
 | ({
    readonly kind: "hetzner";
} & HetznerServerArgs);
interface ExistingMachine {
    /**
     * Its name in the config.
     *
     * @example "web-1"
     */
    readonly name: string;
    /**
     * IP address or host name.
     *
     * @example "203.0.113.10"
     */
    readonly address: pulumi.Input<string>;
    /**
     * Port of SSH.
     *
     * @example 22
     */
    readonly port: number;
    /**
     * Who logs in; needs sudo without a password unless it is root.
     *
     * @example "root"
     */
    readonly user: string;
    /**
     * The host key that it must present. Default: the one in known_hosts.
     *
     * @example "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW"
     */
    readonly hostKey?: pulumi.Input<string> | undefined;
}
interface DeclaredServerArgs {
    /**
     * An existing machine, or one to create.
     *
     * @example { kind: "existing", name: "web-1", address: "203.0.113.10", port: 22, user: "root" }
     */
    readonly machine: MachineArgs;
    /**
     * Whether and how Docker is installed, and its settings.
     *
     * @example config.docker
     */
    readonly docker: Docker;
    /**
     * SSH by key only, not for root, and for this user. Default: SSH is left as it is.
     *
     * @example { user: "deploy" }
     */
    readonly harden?: Harden | undefined;
    /**
     * Closes all ports but SSH, those of `firewall`, and those of `open`, which the app needs. Default: no firewall.
     *
     * @example { rules: { sshFrom: ["198.51.100.0/24"], allow: [] }, open: [] }
     */
    readonly firewall?: Omit<FirewallArgs, "host"> | undefined;
    /**
     * Credentials that are verified on this server before the app is changed. Default: none, for public images.
     *
     * @example { server: "ghcr.io", username: "shop-deploy", password: config.requireSecret("registryPassword") }
     */
    readonly registry?: RegistryCredentials | undefined;
    /**
     * The proxy is not changed before this is fulfilled; credentials are verified meanwhile. Default: it waits for nothing.
     *
     * @example imageDigests(config)
     */
    readonly changeAfter?: Promise<unknown>;
    /**
     * How kamal-proxy runs. Default: no proxy, for a server that serves no HTTP.
     *
     * @example config.proxyRun
     */
    readonly proxy?: ProxyRun | undefined;
    /**
     * Names that it had: its resources in the state stay the same under the new one. Default: none.
     *
     * @example ["203.0.113.10"]
     */
    readonly formerly?: readonly string[] | undefined;
    /**
     * The user's own commands by role. Default: none.
     *
     * @example { web: ["sysctl -w vm.overcommit_memory=1"] }
     */
    readonly setup?: Readonly<Record<string, readonly string[]>>;
}
/**
 * A machine with Docker, ready to run releases: everything that belongs to it, resolved.
 *
 * @example
 * new DeclaredServer("web-1", { machine: { kind: "existing", name: "web-1", address: "203.0.113.10", port: 22, user: "root" }, docker, proxy });
 */
declare class DeclaredServer extends pulumi.ComponentResource {
    #private;
    /** How releases reach it: what the outputs below say, with the host key. It does not wait for `harden`. */
    readonly connection: HostFields;
    /**
     * IP address or host name of SSH. With `harden`, what takes it waits until that is done.
     *
     * @example "203.0.113.10"
     */
    readonly address: pulumi.Output<string>;
    /**
     * Port of SSH. With `harden`, what takes it waits until that is done.
     *
     * @example 22
     */
    readonly port: pulumi.Output<number>;
    /**
     * Who logs in; with `harden` the user whom that makes, and what takes it waits until then.
     *
     * @example "deploy"
     */
    readonly user: pulumi.Output<string>;
    /**
     * Its id at Hetzner. Default: undefined, for machines that Slipway did not make there.
     *
     * @example 4711
     */
    readonly serverId: pulumi.Output<number> | undefined;
    /** What must be done before its Docker can be asked. */
    readonly engine: readonly pulumi.Resource[];
    /** What a release on this server must wait for. */
    readonly ready: readonly pulumi.Resource[];
    constructor(name: string, args: DeclaredServerArgs, opts?: pulumi.ComponentResourceOptions);
    private declareMachine;
    private declareHardening;
    private declareDocker;
    private declareFirewall;
    private declareSetup;
    private declareLogin;
    private declareProxy;
    /**
     * Options of `<name>-<part>`. The parts have the aliases, not this component: a run with a refresh, which ours always are, ends in a
     * panic of Pulumi 3.259 when a component has another name (pulumi/pulumi#21404).
     */
    private part;
}

/** A machine, how SSH reaches it, and what is done to it. */
interface ServerArgs extends ConnectionArgs {
    /**
     * Docker on it. Default: it is installed where it is missing.
     *
     * @example { version: "28" }
     */
    readonly docker?: DockerArgs | undefined;
    /**
     * Closes all ports but SSH, the proxy's and those listed here, for containers as well. A port that an app publishes has to be listed. Default: false.
     *
     * @example { sshFrom: ["198.51.100.0/24"], allow: [{ port: 5432, from: ["10.0.0.0/16"] }] }
     */
    readonly firewall?: boolean | FirewallArgs$1 | undefined;
    /**
     * SSH by key only, not for root, with a user of its own. Default: false.
     *
     * @example { user: "deploy" }
     */
    readonly harden?: boolean | HardenArgs | undefined;
    /**
     * How kamal-proxy runs there; `false`: it does not, as on a server for databases. Default: true.
     *
     * @example { httpPort: 8080 }
     */
    readonly proxy?: boolean | ProxyRunArgs | undefined;
    /**
     * Shell commands that are run before any app is started there: once, and again when they change. Default: none.
     *
     * @example ["sysctl -w vm.overcommit_memory=1"]
     */
    readonly setup?: string | readonly string[] | undefined;
}
/**
 * A machine for apps, which it does not know: Docker, firewall, SSH, the proxy and the user's own setup are made once, however many apps run there.
 *
 * @example
 * const web = new slipway.Server("web-1", { address: droplet.ipv4Address, hostKey: key.publicKey });
 */
declare class Server extends DeclaredServer {
    /** Its name, also in the names of its resources. */
    readonly name: HostName;
    /**
     * The address as it was given: a text that is known stays known in the configs of apps.
     *
     * @example "203.0.113.10"
     */
    readonly givenAddress: pulumi.Input<string>;
    /** The ports that its firewall leaves open besides SSH; undefined: it has no firewall. */
    readonly open: readonly Opening[] | undefined;
    /** Whether kamal-proxy runs there. */
    readonly proxied: boolean;
    constructor(name: string, args: ServerArgs, opts?: pulumi.ComponentResourceOptions);
}

/**
 * Environment of containers. A value that is an output of another resource is treated as a secret: sealed in the state, masked in what is shown.
 *
 * @example { LOG_LEVEL: "info", DATABASE_URL: db.connectionUri }
 */
type EnvArgs = Readonly<Record<string, pulumi.Input<string | number | boolean>>> | SplitEnvArgs;
interface SplitEnvArgs {
    /**
     * Values that are not secret. `${accessories.db.host}` and the like are replaced by the values of that accessory.
     *
     * @example { LOG_LEVEL: "info" }
     */
    readonly clear?: Readonly<Record<string, pulumi.Input<string | number | boolean>>> | undefined;
    /**
     * Secret values by the name of their variable, or names in `secrets`: NAME, or NAME_IN_CONTAINER:NAME_OF_SECRET.
     *
     * @example { DATABASE_URL: db.connectionUri }
     */
    readonly secret?: Readonly<Record<string, pulumi.Input<string | number | boolean>>> | readonly string[] | undefined;
}
interface RootSplitEnvArgs extends SplitEnvArgs {
    /**
     * Environment of servers with a tag, over the role's. If a server has several tags, the last one takes precedence.
     *
     * @example { eu: { REGION: "eu" } }
     */
    readonly tags?: Readonly<Record<string, EnvArgs>> | undefined;
}
/** Environment of all containers of an app, with tags for some of its servers. @example { clear: { REGION: "us" }, tags: { eu: { REGION: "eu" } } } */
type RootEnvArgs = EnvArgs | RootSplitEnvArgs;

/** One server, or several in order: the first one of the primary role runs the release command. */
type Servers = Server | readonly (Server | ServerOfRole)[];
/** A server with what is particular to a role there. */
interface ServerOfRole {
    /** @example web */
    readonly server: Server;
    /**
     * Names in `env.tags`, whose environment the role gets there. Default: none.
     *
     * @example ["eu"]
     */
    readonly tags?: readonly string[] | undefined;
    /**
     * Host names that reach the role there, instead of the role's. Default: as for the role.
     *
     * @example { host: "eu.example.com" }
     */
    readonly proxy?: {
        readonly host?: pulumi.Input<string> | undefined;
        readonly hosts?: readonly pulumi.Input<string>[] | undefined;
        readonly canonicalHost?: pulumi.Input<string> | undefined;
    } | undefined;
}

/** Generated from the schema of a stack's file by `npm run docs`; do not edit. */

/** An app: what a stack's file says of it. */
interface AppArgs {
    /**
     * The app's name: prefix of containers, labels and routes.
     * Default: the name of the App.
     * Refused: anything but letters, digits, - and _; names of containers above 63 characters for accessories, 110 for others.
     *
     * @example "shop"
     */
    readonly service?: string | undefined;
    /**
     * The image, with or without tag or digest. A tag is resolved to a digest once for all hosts; beside a digest, it has to be that image. `file://PATH`, from the project's folder, is an image in a file of this machine, which hosts get without a registry: an OCI layout, its tar, or that of docker save; `file://PATH#NAME` is one of several in it. `engine://NAME:TAG`, or `engine://` and an id, is an image that the Docker of this machine has; hosts get it in the same way.
     * Refused: missing without builder; what is not an image; a tag and a digest of two images; a file without an image, or with several of which none is named; an image that the Docker of this machine does not have.
     *
     * @example "ghcr.io/acme/shop:1.4.2"
     */
    readonly image?: pulumi.Input<string> | undefined;
    /**
     * Builds the image from a Dockerfile, with `docker buildx` on this machine. Without slipway:image the hosts get it from here, through SSH; an image with a digest is released as it is, and nothing is built. `{}` takes the Dockerfile of the project's folder.
     * Default: nothing is built.
     * Refused: with an image in a file or of Docker on this machine, or with a tag.
     *
     * @example { context: "apps/shop", args: { RUBY_VERSION: "3.4.1" } }
     */
    readonly builder?: BuilderArgs | undefined;
    /**
     * The name of the release, instead of the image's tag. Quote it: YAML reads 1.10 as 1.1.
     * Default: the image's tag, else the beginning of its digest; of what is built, the commit.
     * Refused: anything but letters, digits, ., - and _.
     *
     * @example "1.4.2"
     */
    readonly version?: pulumi.Input<string> | undefined;
    /**
     * Distinguishes several deployments of a service on one host; `none` gives the names of Kamal without a destination.
     * Default: the stack's name.
     * Refused: anything but letters, digits, - and _.
     *
     * @example "staging"
     */
    readonly destination?: string | undefined;
    /**
     * Where the app runs: servers (the role web), or a map of roles.
     * Refused: missing or empty.
     *
     * @example [web1, web2]
     */
    readonly servers: Servers | Readonly<Record<string, Servers | RoleArgs>>;
    /**
     * The role that is proxied by default, and that the others wait for.
     * Default: "web".
     * Refused: a role that is not in servers.
     *
     * @example "app"
     */
    readonly primaryRole?: string | undefined;
    /**
     * Whether roles other than the primary one may have no hosts.
     * Default: false.
     *
     * @example true
     */
    readonly allowEmptyRoles?: pulumi.Input<boolean> | undefined;
    /**
     * How requests reach the app through kamal-proxy.
     *
     * @example { host: "shop.example.com", ssl: true }
     */
    readonly proxy?: ProxyArgs | undefined;
    /**
     * Environment of all containers of the app: a map of values, or clear, secret and tags. Outputs of other resources are secret.
     * Default: {}.
     *
     * @example { LOG_LEVEL: "info", DATABASE_URL: db.connectionUri }
     */
    readonly env?: RootEnvArgs | undefined;
    /**
     * A folder of the project with pages that the proxy serves for its own errors, `404.html`, `503.html` … They are Go templates; `{{ .Message }}` is the message of maintenance.
     * Default: the proxy's own pages.
     * Refused: a folder that is missing or has no such page.
     *
     * @example "public"
     */
    readonly errorPagesPath?: string | undefined;
    /**
     * The proxy answers every request with 503 instead of the app. Releases continue meanwhile.
     * Default: false.
     * Refused: when no role is proxied.
     *
     * @example { message: "Back at 10:00 UTC" }
     */
    readonly maintenance?: pulumi.Input<boolean> | MaintenanceArgs | undefined;
    /**
     * Secret values by name, for lists of names in env and in logins.
     * Default: {}.
     *
     * @example { REGISTRY_PASSWORD: config.requireSecret("registryPassword") }
     */
    readonly secrets?: Readonly<Record<string, pulumi.Input<string>>> | undefined;
    /**
     * Login for the image; omit it for a public image.
     * Default: none.
     *
     * @example { server: "ghcr.io", username: "shop-deploy", password: ["REGISTRY_PASSWORD"] }
     */
    readonly registry?: RegistryArgs | undefined;
    /**
     * Who must have signed the image, and that of the canary. It is verified in its registry before anything is changed; an image without that signature is not released.
     * Default: signatures are not looked for.
     * Refused: with an image that is in no registry, or is built in the run.
     *
     * @example { cosign: { key: "cosign.pub" } }
     */
    readonly verify?: VerifyArgs | undefined;
    /**
     * Databases, caches and other services beside the app, by name. A change is planned with its downtime, and reverted if the new container fails; the data is kept in any case.
     * Default: {}.
     *
     * @example { db: { image: "postgres:16.4", host: db1, env: { secret: { POSTGRES_PASSWORD: password } } } }
     */
    readonly accessories?: Readonly<Record<string, AccessoryArgs>> | undefined;
    /**
     * Commands that run on a schedule, by name, in the image and environment of the release; they change with it.
     * Default: {}.
     *
     * @example { expire: { schedule: "*\/15 * * * *", cmd: "bin/rails sessions:expire" } }
     */
    readonly jobs?: Readonly<Record<string, JobArgs>> | undefined;
    /**
     * What runs backups and jobs, on the hosts that have any.
     *
     * @example { image: "registry.example.com/node:24-slim" }
     */
    readonly schedule?: ScheduleArgs | undefined;
    /**
     * Other stacks, as `project/stack`, whose app, accessories, schedule and firewall on the hosts become this stack's: its own name before `pulumi stack rename`, or what another project or repository has left to it. Without it, what another stack made is never touched.
     * Default: [].
     *
     * @example ["slipway/staging"]
     */
    readonly adopt?: string | readonly string[] | undefined;
    /**
     * Labels of all containers of the app.
     * Default: {}.
     * Refused: service, role, destination, slipway.*.
     *
     * @example { team: "checkout" }
     */
    readonly labels?: Readonly<Record<string, pulumi.Input<string | number | boolean>>> | undefined;
    /**
     * What all containers of the app mount: `source:target[:ro,z,Z]`; the source is an absolute path on the host or the name of a volume.
     * Default: [].
     * Refused: relative paths.
     *
     * @example ["shop-uploads:/app/uploads"]
     */
    readonly volumes?: readonly pulumi.Input<string>[] | undefined;
    /**
     * A folder of the image whose files the proxied roles serve, `path[:z,Z]`. Old and new containers have the files of both versions, so that a page finds its assets during a release.
     * Default: none.
     * Refused: a path that is not absolute, or is also a volume.
     *
     * @example "/app/public/assets"
     */
    readonly assetPath?: pulumi.Input<string> | undefined;
    /**
     * Where Docker sends the output of all containers of the app.
     *
     * @example { driver: "local" }
     */
    readonly logging?: LoggingArgs | undefined;
    /**
     * Commands that must succeed before a release starts, run once on the first host of the primary role, in the new image and environment. They are not run by a shell.
     * Default: none.
     * Refused: unquoted shell operators, comments and line breaks.
     *
     * @example "bin/rails db:migrate"
     */
    readonly release?: pulumi.Input<string> | readonly pulumi.Input<string>[] | ReleaseCommandArgs | undefined;
    /**
     * Your own commands at moments of a run, for a shell on the machine that deploys. docs/hooks.md has their variables, ours and Kamal's.
     * Default: nothing.
     * Refused: for a moment that has a file in hooks_path.
     *
     * @example { postDeploy: "./bin/announce \"$SLIPWAY_VERSION serves\"" }
     */
    readonly hooks?: HooksArgs | undefined;
    /**
     * A folder, from the project's, with executable files that are hooks: `pre-connect`, `docker-setup`, `pre-proxy-reboot`, `post-proxy-reboot`, `pre-build`, `pre-deploy`, `pre-app-boot`, `post-app-boot`, `post-deploy`, `on-failure`. Those in `.kamal/hooks` run in the folder that has `.kamal`, all others in the project's.
     * Default: none.
     * Refused: a folder that is missing; a hook that is not executable; names of no hook, as `pre_deploy`.
     *
     * @example "hooks"
     */
    readonly hooksPath?: string | undefined;
    /**
     * Whether what hooks print is shown while they run: `verbose`, or `quiet`, with the end of it if one fails. For all of them, or by moment.
     * Default: "verbose".
     *
     * @example { postDeploy: "quiet" }
     */
    readonly hooksOutput?: "verbose" | "quiet" | HooksOutputArgs | undefined;
    /**
     * Seconds until a hook is ended, with all that it has started; that is a failure. For all of them, or by moment.
     * Default: 3600; 60 for on_failure.
     *
     * @example { preDeploy: 900 }
     */
    readonly hooksTimeout?: number | HooksTimeoutArgs | undefined;
    /**
     * How many hosts start, become healthy and switch at the same time.
     *
     * @example { limit: "25%", wait: 10 }
     */
    readonly boot?: BootArgs | undefined;
    /**
     * Seconds to watch a new release after the switch, before the old one stops. If a container exits in that time, the old release is switched back.
     * Default: 0.
     *
     * @example 20
     */
    readonly watch?: pulumi.Input<number> | undefined;
    /**
     * Another version beside the release, which serves requests with certain values of the cookie kamal-rollout. Requests without the cookie go to the release.
     * Default: none.
     * Refused: when no role is proxied; with a proxied role that is stop-first.
     *
     * @example { version: "1.5.0", percent: 10 }
     */
    readonly canary?: CanaryArgs | undefined;
    /**
     * Seconds in which a new container must become healthy.
     * Default: 30.
     *
     * @example 60
     */
    readonly deployTimeout?: pulumi.Input<number> | undefined;
    /**
     * Seconds that requests in flight have to finish on the old container.
     * Default: 30.
     *
     * @example 60
     */
    readonly drainTimeout?: pulumi.Input<number> | undefined;
    /**
     * Seconds between SIGTERM and SIGKILL.
     * Default: 10 for proxied roles, drain_timeout for others.
     *
     * @example 30
     */
    readonly stopTimeout?: pulumi.Input<number> | undefined;
    /**
     * Seconds that a run waits until replaced containers have ended. One whose stop_timeout is longer is left to finish by itself, without the run; until then it is shown as finishing.
     * Default: 30.
     *
     * @example 5
     */
    readonly stopWait?: pulumi.Input<number> | undefined;
    /**
     * Seconds that a container with neither proxy nor health check must stay up.
     * Default: 7.
     *
     * @example 3
     */
    readonly readinessDelay?: pulumi.Input<number> | undefined;
    /**
     * Stopped containers of the service that are kept on each host for a rollback.
     * Default: 5.
     * Refused: less than 1.
     *
     * @example 3
     */
    readonly retainContainers?: pulumi.Input<number> | undefined;
}
/** See `slipway:builder`. */
interface BuilderArgs {
    /**
     * The folder that the image is built from, from the project's folder. What `.dockerignore` names is left out, and so are `.git` and the files of this project for Pulumi; a line `!.git` takes it back.
     * Default: ".".
     * Refused: a URL.
     *
     * @example "apps/shop"
     */
    readonly context?: string | undefined;
    /**
     * The Dockerfile, from the project's folder.
     * Default: Dockerfile in the context.
     *
     * @example "docker/shop.Dockerfile"
     */
    readonly dockerfile?: string | undefined;
    /**
     * The stage that is built.
     * Default: the last one.
     *
     * @example "production"
     */
    readonly target?: string | undefined;
    /**
     * Build arguments. They are no place for secrets: the image shows them.
     * Default: {}.
     *
     * @example { RUBY_VERSION: "3.4.1" }
     */
    readonly args?: Readonly<Record<string, string | number | boolean>> | undefined;
    /**
     * Names of secrets that steps of the Dockerfile mount, `RUN --mount=type=secret,id=NAME`. Their values are not in the image; another value alone builds nothing.
     * Default: [].
     * Refused: a secret that is not set.
     *
     * @example ["NPM_TOKEN"]
     */
    readonly secrets?: readonly string[] | undefined;
    /**
     * SSH for steps of the Dockerfile that mount it, as of `docker buildx build --ssh`: `default` is the agent of this machine.
     * Default: none.
     *
     * @example "default"
     */
    readonly ssh?: string | undefined;
    /**
     * Builds the commit that is checked out, from an export of it: a file that git ignores, or does not know, is never in the image. `true` refuses a deploy while files of the context are not committed; `commit` leaves them out. Submodules are exported at the commit that the repository has of them.
     * Default: false.
     * Refused: with @pulumi/docker; outside of a repository.
     *
     * @example true
     */
    readonly clean?: boolean | "commit" | undefined;
    /**
     * The CPUs that the image is built for: amd64, arm64, or both.
     * Default: those of the hosts.
     * Refused: what is neither.
     *
     * @example "amd64"
     */
    readonly arch?: string | readonly string[] | undefined;
    /**
     * Builds on another machine with Docker, which this one reaches by its own ssh.
     * Default: the build is made on this machine.
     * Refused: what is not ssh://….
     *
     * @example "ssh://build@198.51.100.7"
     */
    readonly remote?: string | undefined;
    /**
     * What builds: `docker buildx`, or the Image of the package @pulumi/docker, which pushes as well, and knows context, dockerfile, target, args, one arch, and cache of type registry.
     * Default: @pulumi/docker for an image in a registry, where the package is installed, one arch is written and no other key is used; else buildx.
     * Refused: @pulumi/docker without a registry, without arch, or with other keys.
     *
     * @example "buildx"
     */
    readonly with?: "buildx" | "@pulumi/docker" | undefined;
    /**
     * What builds: the Docker of this machine, or a BuildKit of its own in a container, which keeps 20 GB of cache at most.
     * Default: the builder that is selected (`docker buildx ls`).
     * Refused: docker together with remote.
     *
     * @example "docker-container"
     */
    readonly driver?: "docker" | "docker-container" | undefined;
    /**
     * Where layers are kept for builds on other machines. Needs another builder than Docker's own layers.
     * Default: none; the builder has its own.
     *
     * @example { type: "registry", image: "ghcr.io/acme/shop-build-cache", options: "mode=max" }
     */
    readonly cache?: CacheArgs | undefined;
    /**
     * Statement about how the image was made, as of `docker buildx build --provenance`. Only a registry keeps it.
     * Default: false.
     *
     * @example "mode=max"
     */
    readonly provenance?: boolean | string | undefined;
    /**
     * List of what is in the image, as of `docker buildx build --sbom`. Only a registry keeps it.
     * Default: false.
     *
     * @example true
     */
    readonly sbom?: boolean | string | undefined;
}
/** See `slipway:builder.cache`. */
interface CacheArgs {
    /**
     * Where it is: `gha` is the cache of GitHub Actions, `registry` an image beside the app's.
     * Refused: missing.
     *
     * @example "registry"
     */
    readonly type: "gha" | "registry";
    /**
     * The image of a cache of type registry.
     * Refused: missing with type registry; with type gha.
     *
     * @example "ghcr.io/acme/shop-build-cache"
     */
    readonly image: string;
    /**
     * Further settings of the cache that is written, as of `docker buildx build --cache-to`.
     * Default: none.
     *
     * @example "mode=max"
     */
    readonly options?: string | undefined;
}
/** See `slipway:proxy`. */
interface ProxyArgs {
    /**
     * Host names, separated by commas; `*.example.com` matches every subdomain.
     * Default: every host name.
     * Refused: together with hosts.
     *
     * @example "shop.example.com"
     */
    readonly host?: pulumi.Input<string> | undefined;
    /**
     * Host names, as a list.
     * Default: every host name.
     * Refused: together with host.
     *
     * @example ["shop.example.com", "www.example.com"]
     */
    readonly hosts?: readonly pulumi.Input<string>[] | undefined;
    /**
     * The port of the app inside its container.
     * Default: 80.
     *
     * @example 3000
     */
    readonly appPort?: pulumi.Input<number> | undefined;
    /**
     * Whether the proxy obtains a certificate from Let's Encrypt; or a custom certificate, which works on several hosts.
     * Default: false.
     * Refused: without a host; without the path prefix /; from Let's Encrypt also with a wildcard, or for one host name on several hosts.
     *
     * @example true
     */
    readonly ssl?: pulumi.Input<boolean> | SslArgs | undefined;
    /**
     * Whether the certificate comes from the staging directory: untrusted, without rate limits.
     * Default: false.
     * Refused: without ssl: true.
     *
     * @example true
     */
    readonly sslStaging?: pulumi.Input<boolean> | undefined;
    /**
     * Whether HTTP is redirected to HTTPS, with ssl.
     * Default: true.
     *
     * @example false
     */
    readonly sslRedirect?: pulumi.Input<boolean> | undefined;
    /**
     * The host name that all other ones redirect to.
     * Default: none.
     * Refused: not one of the hosts.
     *
     * @example "shop.example.com"
     */
    readonly canonicalHost?: pulumi.Input<string> | undefined;
    /**
     * Whether X-Forwarded-* headers of the client are trusted: set it to true behind a load balancer.
     * Default: the opposite of ssl.
     *
     * @example true
     */
    readonly forwardHeaders?: pulumi.Input<boolean> | undefined;
    /**
     * Seconds that the app may take to respond.
     * Default: 30.
     *
     * @example 60
     */
    readonly responseTimeout?: pulumi.Input<number> | undefined;
    /**
     * Path prefixes, separated by commas.
     * Default: "/".
     * Refused: together with path_prefixes.
     *
     * @example "/api"
     */
    readonly pathPrefix?: pulumi.Input<string> | undefined;
    /**
     * Path prefixes, as a list.
     * Default: ["/"].
     * Refused: together with path_prefix.
     *
     * @example ["/api", "/oauth"]
     */
    readonly pathPrefixes?: readonly pulumi.Input<string>[] | undefined;
    /**
     * Whether the prefix is removed from the path before the app gets it.
     * Default: true.
     *
     * @example false
     */
    readonly stripPathPrefix?: pulumi.Input<boolean> | undefined;
    /**
     * How a new container proves that it is ready.
     *
     * @example { path: "/healthz" }
     */
    readonly healthcheck?: RouteHealthcheckArgs | undefined;
    /**
     * Whether bodies are buffered, so that a slow client does not block the app.
     *
     * @example { responses: false }
     */
    readonly buffering?: BufferingArgs | undefined;
    /**
     * What the proxy logs of each request.
     *
     * @example { requestHeaders: ["X-Request-ID"] }
     */
    readonly logging?: RequestLoggingArgs | undefined;
    /**
     * Whether the path prefix is added to the paths of cookies.
     * Default: false.
     *
     * @example true
     */
    readonly scopeCookiePaths?: pulumi.Input<boolean> | undefined;
}
/** See `slipway:proxy.ssl`. */
interface SslArgs {
    /**
     * The certificate, followed by those of its issuers: the name of a secret, or the text itself.
     * Refused: missing; expired; not valid for a host of the route.
     *
     * @example "CERTIFICATE_PEM"
     */
    readonly certificatePem: pulumi.Input<string> | readonly string[];
    /**
     * Its private key: the name of a secret.
     * Refused: missing; in plain text; with a passphrase; not that of the certificate.
     *
     * @example "PRIVATE_KEY_PEM"
     */
    readonly privateKeyPem: string | readonly string[];
}
/** See `slipway:proxy.healthcheck`. */
interface RouteHealthcheckArgs {
    /**
     * Path of the check; any 2xx response is healthy.
     * Default: "/up".
     *
     * @example "/healthz"
     */
    readonly path?: pulumi.Input<string> | undefined;
    /**
     * Seconds between two checks.
     * Default: 1.
     *
     * @example 2
     */
    readonly interval?: pulumi.Input<number> | undefined;
    /**
     * Timeout of one check, in seconds.
     * Default: 5.
     *
     * @example 3
     */
    readonly timeout?: pulumi.Input<number> | undefined;
    /**
     * Port of the check, inside the container.
     * Default: app_port.
     *
     * @example 9000
     */
    readonly port?: pulumi.Input<number> | undefined;
    /**
     * Host header of the check.
     * Default: the container's address.
     *
     * @example "shop.example.com"
     */
    readonly host?: pulumi.Input<string> | undefined;
}
/** See `slipway:proxy.buffering`. */
interface BufferingArgs {
    /**
     * Whether a request is read completely before the app gets it.
     * Default: true.
     *
     * @example false
     */
    readonly requests?: pulumi.Input<boolean> | undefined;
    /**
     * Whether a response is read completely before the client gets it; set it to false for streaming.
     * Default: true.
     *
     * @example false
     */
    readonly responses?: pulumi.Input<boolean> | undefined;
    /**
     * Bytes of a body that are kept in memory; the rest is written to disk.
     * Default: 1048576.
     *
     * @example 2000000
     */
    readonly memory?: pulumi.Input<number> | undefined;
    /**
     * Maximum size of a request in bytes; a larger one is answered with 413. 0 is no limit: then anyone can fill the disk, which databases share.
     * Default: 250000000 (250 MB); none when requests is false.
     * Refused: when requests is false.
     *
     * @example 50000000
     */
    readonly maxRequestBody?: pulumi.Input<number> | undefined;
    /**
     * Maximum size of a response in bytes; 0 is no limit.
     * Default: 0.
     * Refused: when responses is false.
     *
     * @example 0
     */
    readonly maxResponseBody?: pulumi.Input<number> | undefined;
}
/** See `slipway:proxy.logging`. */
interface RequestLoggingArgs {
    /**
     * Request headers that are logged.
     * Default: ["Cache-Control","Last-Modified","User-Agent"].
     *
     * @example ["X-Request-ID"]
     */
    readonly requestHeaders?: readonly pulumi.Input<string>[] | undefined;
    /**
     * Response headers that are logged.
     * Default: [].
     *
     * @example ["X-Request-Start"]
     */
    readonly responseHeaders?: readonly pulumi.Input<string>[] | undefined;
}
/** See `slipway:maintenance`. */
interface MaintenanceArgs {
    /**
     * Text of the page; custom error pages have it as `{{ .Message }}`.
     * Default: no text.
     *
     * @example "Back at 10:00 UTC"
     */
    readonly message?: pulumi.Input<string> | undefined;
}
/** See `slipway:registry`. */
interface RegistryArgs {
    /**
     * The registry, `host` or `host:port`.
     * Default: "docker.io".
     * Refused: a URL or a path.
     *
     * @example "ghcr.io"
     */
    readonly server?: pulumi.Input<string> | undefined;
    /**
     * Username: text, or `[NAME]` of a secret.
     * Refused: missing.
     *
     * @example "shop-deploy"
     */
    readonly username: pulumi.Input<string> | readonly string[];
    /**
     * The password or token: an encrypted value, or `[NAME]` of a secret.
     * Refused: missing, blank or in plain text.
     *
     * @example ["REGISTRY_PASSWORD"]
     */
    readonly password: pulumi.Input<string> | readonly string[];
    /**
     * Whether the password is a token that expires, as those of ECR and Artifact Registry, and is a different one in each run: a different one alone is no change then.
     * Default: true for a password from slipway:secrets_from, else false.
     *
     * @example true
     */
    readonly expires?: pulumi.Input<boolean> | undefined;
}
/** See `slipway:verify`. */
interface VerifyArgs {
    /**
     * The signature of cosign that the image must have: with a key, or by an identity.
     * Refused: missing; without key or identity.
     *
     * @example { key: "cosign.pub" }
     */
    readonly cosign: CosignArgs;
}
/** See `slipway:verify.cosign`. */
interface CosignArgs {
    /**
     * The public key of who signs, from the project's folder, or its text (PEM); a list accepts a signature with any of them, so that a key can be replaced.
     * Default: signatures without a key, by identity.
     * Refused: a private key; a key that is neither ECDSA on P-256, as cosign makes them, nor RSA.
     *
     * @example "cosign.pub"
     */
    readonly key?: string | readonly string[] | undefined;
    /**
     * Who signs without a key: the identity in the certificate, as of `cosign verify --certificate-identity`.
     * Default: identity_regexp.
     * Refused: beside key; without an issuer.
     *
     * @example "https://github.com/acme/shop/.github/workflows/release.yml@refs/heads/main"
     */
    readonly identity?: string | undefined;
    /**
     * The same as a regular expression. It may match any part: begin with `^` and end with `$`.
     * Default: identity.
     * Refused: beside key or identity; without an issuer.
     *
     * @example "^https://github\\.com/acme/shop/\\.github/workflows/release\\.yml@refs/tags/v.*$"
     */
    readonly identityRegexp?: string | undefined;
    /**
     * Who vouches for the identity, as of `cosign verify --certificate-oidc-issuer`.
     * Default: issuer_regexp.
     * Refused: beside key; without an identity.
     *
     * @example "https://token.actions.githubusercontent.com"
     */
    readonly issuer?: string | undefined;
    /**
     * The same as a regular expression.
     * Default: issuer.
     * Refused: beside key or issuer; without an identity.
     *
     * @example "^https://gitlab\\.acme\\.example$"
     */
    readonly issuerRegexp?: string | undefined;
    /**
     * The certificate authorities and logs of Sigstore that are trusted, a file of the project, as of `cosign trusted-root create --with-default-services --out trusted_root.json`. Nothing of it is fetched.
     * Default: none is needed with key.
     * Refused: missing without key, or with transparency_log; a file that is no trusted root.
     *
     * @example "trusted_root.json"
     */
    readonly trustedRoot?: string | undefined;
    /**
     * Whether a signature with a key counts only if a log of trusted_root has recorded it. A signature without a key always has to be recorded.
     * Default: false.
     * Refused: false without key.
     *
     * @example true
     */
    readonly transparencyLog?: boolean | undefined;
}
/** See `slipway:accessories`. */
interface AccessoryArgs {
    /**
     * The image. Its tag is resolved once, and again when this text changes: a tag that moves in the registry restarts nothing.
     * Refused: missing.
     *
     * @example "postgres:16.4"
     */
    readonly image: pulumi.Input<string>;
    /**
     * The server in the image, which decides its readiness check, how it is stopped, its port and its client.
     * Default: by the last part of the image's name.
     *
     * @example "postgres"
     */
    readonly preset?: pulumi.Input<"postgres" | "mysql" | "mariadb" | "redis" | "valkey" | "none"> | undefined;
    /**
     * The server it runs on.
     * Refused: missing without hosts, role, roles, tag or tags; together with another key of host, hosts, role, roles, tag and tags.
     *
     * @example db1
     */
    readonly host?: Server | undefined;
    /**
     * Several servers, each with its own data.
     * Refused: together with another key of host, hosts, role, roles, tag and tags.
     *
     * @example [db1, db2]
     */
    readonly hosts?: Servers | undefined;
    /**
     * All hosts of a role.
     * Refused: a role that is not in servers; together with another key of host, hosts, role, roles, tag and tags.
     *
     * @example "web"
     */
    readonly role?: string | undefined;
    /**
     * All hosts of these roles.
     * Refused: together with another key of host, hosts, role, roles, tag and tags.
     *
     * @example ["web", "jobs"]
     */
    readonly roles?: readonly string[] | undefined;
    /**
     * All hosts that have this tag in any role.
     * Refused: a tag that no host has; together with another key of host, hosts, role, roles, tag and tags.
     *
     * @example "eu"
     */
    readonly tag?: string | undefined;
    /**
     * All hosts that have any of these tags.
     * Refused: together with another key of host, hosts, role, roles, tag and tags.
     *
     * @example ["eu", "us"]
     */
    readonly tags?: readonly string[] | undefined;
    /**
     * The name of its container, of its folder and of its volumes. To take over from Kamal what has another name here, as Kamal puts no destination into it.
     * Default: <service>-<accessory>[-<destination>].
     * Refused: a name that something else of this app has.
     *
     * @example "shop-db"
     */
    readonly service?: string | undefined;
    /**
     * Replaces the image's command. It is not run by a shell.
     * Default: the image's.
     * Refused: unquoted shell operators, comments and line breaks.
     *
     * @example "postgres -c max_connections=200"
     */
    readonly cmd?: pulumi.Input<string> | readonly pulumi.Input<string>[] | undefined;
    /**
     * The port of the host that leads to it: `5432` or `host port:container port`, optionally with an address before it. Without an address it listens on 127.0.0.1 only. Containers on the same host do not need it: they reach the accessory by name.
     * Default: not published.
     * Refused: a public address without public: true; a port that something else on the host uses.
     *
     * @example "10.0.0.5:5432:5432"
     */
    readonly port?: pulumi.Input<number | string> | undefined;
    /**
     * Whether the port is reachable from outside: without an address in port, it listens on all addresses.
     * Default: false.
     * Refused: without port or options.publish; with loopback addresses alone.
     *
     * @example true
     */
    readonly public?: pulumi.Input<boolean> | undefined;
    /**
     * Its environment, with the keys of the app's except tags. The app's own applies only to the app.
     * Default: {}.
     *
     * @example { clear: { POSTGRES_USER: "app", POSTGRES_DB: "shop" }, secret: { POSTGRES_PASSWORD: password } }
     */
    readonly env?: EnvArgs | undefined;
    /**
     * Files of the project that are put into the container before it starts: `local:remote`, or a map. A change of one replaces the container.
     * Default: [].
     * Refused: with options.read_only.
     *
     * @example ["db/init.sql:/docker-entrypoint-initdb.d/init.sql"]
     */
    readonly files?: readonly (string | FilesArgs)[] | undefined;
    /**
     * Folders of the host for its data: `local:remote`, or a map. They are created if missing, and stay when it is removed.
     * Default: none; the volumes of the image become named volumes.
     * Refused: a target that is already mounted; a folder that another accessory on the host writes to; with data: delete, a folder at the root of the host.
     *
     * @example ["data:/var/lib/postgresql/data"]
     */
    readonly directories?: readonly (pulumi.Input<string> | DirectoriesArgs)[] | undefined;
    /**
     * What it mounts: `source:target[:ro,z,Z]`, as in slipway:volumes.
     * Default: none; the volumes of the image become named volumes.
     * Refused: relative paths; a target that is already mounted; a source that another accessory on the host writes to.
     *
     * @example ["shop-db:/var/lib/postgresql/data"]
     */
    readonly volumes?: readonly pulumi.Input<string>[] | undefined;
    /**
     * Labels of its containers.
     * Default: {}.
     * Refused: service, role, destination, slipway.*.
     *
     * @example { team: "checkout" }
     */
    readonly labels?: Readonly<Record<string, pulumi.Input<string | number | boolean>>> | undefined;
    /**
     * Limits and rights of its containers, with the keys of servers.<role>.options. memory, cpus and restart change without a gap. publish has further ports beside port.
     *
     * @example { memory: "1g", shmSize: "256m" }
     */
    readonly options?: ContainerOptionsArgs | undefined;
    /**
     * Its Docker network, created if missing; the app is in kamal.
     * Default: "kamal".
     * Refused: host, none, bridge, default and container:….
     *
     * @example "shop-data"
     */
    readonly network?: pulumi.Input<string> | undefined;
    /**
     * How a new container proves that it is ready.
     * Default: the preset's; else that of proxy; else the image's HEALTHCHECK, else slipway:readiness_delay.
     *
     * @example { tcp: 9200 }
     */
    readonly healthcheck?: AccessoryHealthcheckArgs | undefined;
    /**
     * How requests reach it through kamal-proxy, with the keys of slipway:proxy except run. It inherits nothing from slipway:proxy.
     * Default: not proxied.
     * Refused: a name that something else on the host has.
     *
     * @example { host: "search.example.com", appPort: 7700, healthcheck: { path: "/health" } }
     */
    readonly proxy?: ProxyArgs | undefined;
    /**
     * Login for its image, with the keys of slipway:registry. An image that names no registry is in this one.
     * Default: slipway:registry, if the image is in that registry.
     * Refused: a password that is not the name of a secret.
     *
     * @example { server: "ghcr.io", username: "shop-deploy", password: ["REGISTRY_PASSWORD"] }
     */
    readonly registry?: AccessoryRegistryArgs | undefined;
    /**
     * Where Docker sends its output, with the keys of slipway:logging, which itself applies only to the app.
     *
     * @example { options: { "max-size": "100m" } }
     */
    readonly logging?: LoggingArgs | undefined;
    /**
     * Seconds between the stop signal and SIGKILL.
     * Default: 60 for a preset, else 30.
     *
     * @example 120
     */
    readonly stopTimeout?: pulumi.Input<number> | undefined;
    /**
     * Seconds in which a new container must become healthy. The first start of a database may take long.
     * Default: 60.
     *
     * @example 300
     */
    readonly bootTimeout?: pulumi.Input<number> | undefined;
    /**
     * What happens to its volumes and folders when it is removed. `delete` applies from the next run on.
     * Default: "keep".
     *
     * @example "delete"
     */
    readonly data?: pulumi.Input<"keep" | "delete"> | undefined;
    /**
     * Start without data although data that may be its own is on the host: of an accessory that this stack or an adopted one had, of Kamal, or in another user's home.
     * Default: false.
     *
     * @example true
     */
    readonly startEmpty?: pulumi.Input<boolean> | undefined;
    /**
     * Whether Pulumi refuses to remove it: by destroy, with its lines in the config, or with its host. A change in place is not refused.
     * Default: false.
     *
     * @example true
     */
    readonly protect?: boolean | undefined;
    /**
     * Regular backups of its data, made while it runs.
     * Default: no backups.
     *
     * @example { schedule: "17 3 * * *", keep: 14, to: { directory: "/var/backups/shop" } }
     */
    readonly backup?: BackupArgs | undefined;
}
/** See `slipway:accessories.files`. */
interface FilesArgs {
    /**
     * Path of the file in the project.
     * Refused: missing without content; outside the project; more than 1 MiB.
     *
     * @example "db/postgresql.conf"
     */
    readonly local?: string | undefined;
    /**
     * The content itself, instead of a file of the project. It may be an output, also a secret one: it is sealed in the state.
     * Default: that of local.
     * Refused: together with local; more than 1 MiB.
     *
     * @example settings.content
     */
    readonly content?: pulumi.Input<string> | undefined;
    /**
     * Path in the container.
     * Refused: missing; a path that is not absolute, or that another file has.
     *
     * @example "/etc/postgresql/postgresql.conf"
     */
    readonly remote: pulumi.Input<string>;
    /**
     * Permissions in octal as for chmod, in quotes.
     * Default: 0644.
     * Refused: anything but three or four octal digits.
     *
     * @example "0640"
     */
    readonly mode?: pulumi.Input<string> | undefined;
    /**
     * Its owner in the container: user or user:group, by names that the image knows or by number.
     * Default: root.
     * Refused: whitespace.
     *
     * @example "999:999"
     */
    readonly owner?: pulumi.Input<string | number> | undefined;
    /**
     * Whether `${NAME}` in it is replaced by a value of the accessory's env; `$${` is a literal `${`.
     * Default: true for names that end in .tmpl.
     * Refused: a name that is not in env; a file that is not text.
     *
     * @example true
     */
    readonly template?: pulumi.Input<boolean> | undefined;
}
/** See `slipway:accessories.directories`. */
interface DirectoriesArgs {
    /**
     * The folder on the host: an absolute path, or one below <container> in the home of the SSH user, as in Kamal.
     * Refused: missing; a path that leaves that folder.
     *
     * @example "data"
     */
    readonly local: pulumi.Input<string>;
    /**
     * Path in the container.
     * Refused: missing; a path that is not absolute, or is already mounted.
     *
     * @example "/var/lib/postgresql/data"
     */
    readonly remote: pulumi.Input<string>;
    /**
     * Permissions in octal as for chmod, in quotes.
     * Default: unchanged; 0755 for a new folder.
     * Refused: anything but three or four octal digits.
     *
     * @example "0640"
     */
    readonly mode?: pulumi.Input<string> | undefined;
    /**
     * Its owner in the container: user or user:group, by names that the image knows or by number.
     * Default: unchanged.
     * Refused: whitespace.
     *
     * @example "999:999"
     */
    readonly owner?: pulumi.Input<string | number> | undefined;
    /**
     * Options of the mount, `ro`, `rw`, `z` and `Z`, with commas; behind a text as its third part: `data:/data:z`.
     * Default: none.
     * Refused: other options, ro together with rw, z together with Z.
     *
     * @example "ro"
     */
    readonly options?: pulumi.Input<string> | undefined;
}
/** See `slipway:accessories.options`. */
interface ContainerOptionsArgs {
    /**
     * Memory limit, in bytes or with k, m or g. The kernel kills a container that exceeds it.
     * Default: no limit.
     * Refused: less than 6m.
     *
     * @example "512m"
     */
    readonly memory?: pulumi.Input<string | number> | undefined;
    /**
     * Limit of memory and swap together, in bytes or with k, m or g. The same value as memory means no swap; -1 is no limit.
     * Default: twice the memory, as in Docker.
     * Refused: without memory; less than memory.
     *
     * @example "512m"
     */
    readonly memorySwap?: pulumi.Input<string | number> | undefined;
    /**
     * Memory that the container is reduced to when the host runs short, in bytes or with k, m or g.
     * Default: none.
     * Refused: more than memory.
     *
     * @example "256m"
     */
    readonly memoryReservation?: pulumi.Input<string | number> | undefined;
    /**
     * How many processors it may use.
     * Default: no limit.
     * Refused: less than 0.01.
     *
     * @example 1.5
     */
    readonly cpus?: pulumi.Input<number> | undefined;
    /**
     * Its share of the processors when all are busy.
     * Default: 1024, as in Docker.
     *
     * @example 512
     */
    readonly cpuShares?: pulumi.Input<number> | undefined;
    /**
     * Limit of processes and threads; -1 is no limit.
     * Default: the Docker daemon's.
     * Refused: 0.
     *
     * @example 500
     */
    readonly pidsLimit?: pulumi.Input<number> | undefined;
    /**
     * How likely the kernel kills it when the host runs out of memory: from -1000, never, to 1000, first.
     * Default: 0, as in Docker.
     *
     * @example 500
     */
    readonly oomScoreAdj?: pulumi.Input<number> | undefined;
    /**
     * Size of /dev/shm, in bytes or with k, m or g.
     * Default: 64m, as in Docker.
     *
     * @example "256m"
     */
    readonly shmSize?: pulumi.Input<string | number> | undefined;
    /**
     * Resource limits, `name=soft[:hard]`.
     * Default: [].
     * Refused: a soft limit above the hard one.
     *
     * @example ["nofile=65536:65536"]
     */
    readonly ulimit?: pulumi.Input<string> | readonly pulumi.Input<string>[] | undefined;
    /**
     * When Docker restarts it: "no", always, unless-stopped, on-failure or on-failure:N. Applies once it is healthy.
     * Default: "unless-stopped".
     *
     * @example "on-failure:5"
     */
    readonly restart?: pulumi.Input<string> | undefined;
    /**
     * Host ports that lead directly into the container, `[ip:]hostPort:containerPort[/tcp|udp]`. Without an address a port listens on 127.0.0.1 only, unlike in Docker, where it listens on all addresses; to make it public, prefix it with `0.0.0.0:`. The old container of such a role stops before the new one starts.
     * Default: [].
     * Refused: ranges; a port that another role or the proxy uses on the same host.
     *
     * @example ["5353:53/udp", "0.0.0.0:25:2525"]
     */
    readonly publish?: pulumi.Input<string> | readonly pulumi.Input<string>[] | undefined;
    /**
     * Lines for /etc/hosts, `name:address`.
     * Default: [].
     *
     * @example ["db:10.0.0.5"]
     */
    readonly addHost?: pulumi.Input<string> | readonly pulumi.Input<string>[] | undefined;
    /**
     * IP addresses of DNS servers.
     * Default: the host's.
     * Refused: anything but IP addresses.
     *
     * @example ["10.0.0.2"]
     */
    readonly dns?: pulumi.Input<string> | readonly pulumi.Input<string>[] | undefined;
    /**
     * Devices of the host, `path[:path in the container][:rwm]`.
     * Default: [].
     * Refused: a path that is not absolute.
     *
     * @example ["/dev/ttyUSB0"]
     */
    readonly devices?: pulumi.Input<string> | readonly pulumi.Input<string>[] | undefined;
    /**
     * How many GPUs it may use, or all.
     * Default: none.
     *
     * @example "all"
     */
    readonly gpus?: pulumi.Input<"all" | number> | undefined;
    /**
     * In-memory file systems, `path` or `path:options`.
     * Default: [].
     * Refused: a path that is not absolute, or is already mounted.
     *
     * @example ["/tmp:size=64m"]
     */
    readonly tmpfs?: pulumi.Input<string> | readonly pulumi.Input<string>[] | undefined;
    /**
     * Whether its file system is read-only.
     * Default: false.
     *
     * @example true
     */
    readonly readOnly?: pulumi.Input<boolean> | undefined;
    /**
     * Linux capabilities to add.
     * Default: [].
     *
     * @example ["NET_ADMIN"]
     */
    readonly capAdd?: readonly pulumi.Input<string>[] | undefined;
    /**
     * Linux capabilities to drop.
     * Default: [].
     *
     * @example ["ALL"]
     */
    readonly capDrop?: readonly pulumi.Input<string>[] | undefined;
    /**
     * Whether it gets all rights of root on the host. A compromised container then compromises the host.
     * Default: false.
     *
     * @example true
     */
    readonly privileged?: pulumi.Input<boolean> | undefined;
    /**
     * Docker's security options. For seccomp: `unconfined`, `builtin`, or the profile itself as JSON.
     * Default: [].
     * Refused: the file name of a seccomp profile.
     *
     * @example ["no-new-privileges"]
     */
    readonly securityOpt?: pulumi.Input<string> | readonly pulumi.Input<string>[] | undefined;
    /**
     * Kernel parameters of its namespaces.
     * Default: {}.
     *
     * @example { "net.core.somaxconn": 1024 }
     */
    readonly sysctls?: Readonly<Record<string, pulumi.Input<string | number | boolean>>> | undefined;
    /**
     * IPC mode: with whom it shares memory.
     * Default: the Docker daemon's.
     *
     * @example "host"
     */
    readonly ipc?: pulumi.Input<"none" | "private" | "shareable" | "host"> | undefined;
    /**
     * `host` lets it see all processes of the host.
     * Default: only its own.
     *
     * @example "host"
     */
    readonly pid?: pulumi.Input<"host"> | undefined;
    /**
     * Whether Docker's init process runs first, which reaps zombie processes and forwards signals.
     * Default: the Docker daemon's.
     *
     * @example true
     */
    readonly init?: pulumi.Input<boolean> | undefined;
    /**
     * The signal that stops it. A proxied container has drained before.
     * Default: the image's, else SIGTERM.
     *
     * @example "SIGQUIT"
     */
    readonly stopSignal?: pulumi.Input<string> | undefined;
    /**
     * Replaces the image's entrypoint. As in Docker, this drops the image's command too: set cmd.
     * Default: the image's.
     * Refused: unquoted shell operators, comments and line breaks.
     *
     * @example "/usr/bin/tini --"
     */
    readonly entrypoint?: pulumi.Input<string> | readonly pulumi.Input<string>[] | undefined;
    /**
     * User in the container, `name`, `uid` or `uid:gid`.
     * Default: the image's.
     *
     * @example "1000:1000"
     */
    readonly user?: pulumi.Input<string | number | boolean> | undefined;
    /**
     * Additional groups of the user, by name or number.
     * Default: [].
     *
     * @example ["audio", 1001]
     */
    readonly groupAdd?: readonly pulumi.Input<string | number | boolean>[] | undefined;
    /**
     * Switches the image's HEALTHCHECK off. Without one, and without a health check of Slipway, a container is ready when it has stayed up for readiness_delay.
     * Default: false.
     *
     * @example true
     */
    readonly noHealthcheck?: pulumi.Input<boolean> | undefined;
    /**
     * The host name that it sees itself as. The old and the new container of a release have the same.
     * Default: Docker's short id of the container.
     *
     * @example "worker.example.com"
     */
    readonly hostname?: pulumi.Input<string> | undefined;
    /**
     * Docker networks of the host in which it is besides, to reach containers of others there; they have to exist. `host`: it has the network of the host, and no other; of a role, the old container stops before the new one starts.
     * Default: none; the app is in kamal.
     * Refused: none, bridge, default and container:…; host of a role that is proxied, has replicas or a network_alias, or publishes ports, and of an accessory.
     *
     * @example ["monitoring"]
     */
    readonly network?: pulumi.Input<string> | readonly pulumi.Input<string>[] | undefined;
    /**
     * Names by which others find it in each of its Docker networks. While a release is replaced, they lead to the old and to the new container, which may not be ready yet.
     * Default: none; an accessory is found by the name of its container.
     * Refused: what is not a host name.
     *
     * @example ["search"]
     */
    readonly networkAlias?: pulumi.Input<string> | readonly pulumi.Input<string>[] | undefined;
    /**
     * `host`: its users are those of the host, where the Docker daemon maps them to others (userns-remap).
     * Default: as the Docker daemon has it.
     *
     * @example "host"
     */
    readonly userns?: pulumi.Input<"host"> | undefined;
    /**
     * The runtime that Docker starts it with; it has to be installed and named in slipway:docker.settings.runtimes.
     * Default: the Docker daemon's default.
     *
     * @example "nvidia"
     */
    readonly runtime?: pulumi.Input<string> | undefined;
    /**
     * Working directory.
     * Default: the image's.
     *
     * @example "/app"
     */
    readonly workdir?: pulumi.Input<string> | undefined;
}
/** See `slipway:accessories.healthcheck`. */
interface AccessoryHealthcheckArgs {
    /**
     * Path of the HTTP check; any 2xx response is healthy.
     * Default: "/up".
     * Refused: together with cmd.
     *
     * @example "/healthz"
     */
    readonly path?: pulumi.Input<string> | undefined;
    /**
     * Port of the HTTP check, inside the container.
     * Refused: missing without cmd; together with cmd.
     *
     * @example 9000
     */
    readonly port?: pulumi.Input<number> | undefined;
    /**
     * Host header of the HTTP check.
     * Default: the container's address.
     * Refused: together with cmd.
     *
     * @example "jobs.example.com"
     */
    readonly host?: pulumi.Input<string> | undefined;
    /**
     * A command that is run in the container instead; exit code 0 is healthy. It is not run by a shell.
     * Default: none.
     * Refused: together with path, port or host.
     *
     * @example "bin/jobs --check"
     */
    readonly cmd?: pulumi.Input<string> | readonly pulumi.Input<string>[] | undefined;
    /**
     * Seconds between two runs of the command.
     * Default: 1.
     * Refused: without cmd.
     *
     * @example 2
     */
    readonly interval?: pulumi.Input<number> | undefined;
    /**
     * Timeout of one check, in seconds.
     * Default: 5.
     *
     * @example 3
     */
    readonly timeout?: pulumi.Input<number> | undefined;
    /**
     * A port inside the container that is checked instead; an accepted connection is healthy.
     * Default: none.
     * Refused: together with path, port, host, cmd or interval.
     *
     * @example 9200
     */
    readonly tcp?: pulumi.Input<number> | undefined;
}
/** See `slipway:accessories.registry`. */
interface AccessoryRegistryArgs {
    /**
     * The registry, `host` or `host:port`.
     * Default: "docker.io".
     * Refused: a URL or a path.
     *
     * @example "ghcr.io"
     */
    readonly server?: pulumi.Input<string> | undefined;
    /**
     * Username: text, or `[NAME]` of a secret.
     * Refused: missing.
     *
     * @example "shop-deploy"
     */
    readonly username: pulumi.Input<string> | readonly string[];
    /**
     * The password or token: an encrypted value, or `[NAME]` of a secret.
     * Refused: missing, blank or in plain text.
     *
     * @example ["REGISTRY_PASSWORD"]
     */
    readonly password: string | readonly string[];
    /**
     * Whether the password is a token that expires, as those of ECR and Artifact Registry, and is a different one in each run: a different one alone is no change then.
     * Default: true for a password from slipway:secrets_from, else false.
     *
     * @example true
     */
    readonly expires?: pulumi.Input<boolean> | undefined;
}
/** See `slipway:accessories.logging`. */
interface LoggingArgs {
    /**
     * Docker's logging driver.
     * Default: json-file; with nothing under logging, the driver that the host's Docker is set to.
     *
     * @example "local"
     */
    readonly driver?: pulumi.Input<string> | undefined;
    /**
     * Options of the driver. With json-file and local, max-size is 10m unless written.
     * Default: {"max-size":"10m"}.
     *
     * @example { "max-size": "100m", "max-file": 3 }
     */
    readonly options?: Readonly<Record<string, pulumi.Input<string | number | boolean>>> | undefined;
}
/** See `slipway:accessories.backup`. */
interface BackupArgs {
    /**
     * When a backup starts, as in cron: minute, hour, day, month and weekday, or @daily.
     * Refused: missing; not valid in cron; a time that never comes.
     *
     * @example "17 3 * * *"
     */
    readonly schedule: pulumi.Input<string>;
    /**
     * Time zone of schedule.
     * Default: "UTC".
     *
     * @example "Europe/Berlin"
     */
    readonly timezone?: pulumi.Input<string> | undefined;
    /**
     * How many backups are kept. Older ones are deleted once a new one is complete.
     * Default: 7.
     *
     * @example 14
     */
    readonly keep?: pulumi.Input<number> | undefined;
    /**
     * Where backups are stored: directory or s3.
     * Refused: missing.
     *
     * @example { directory: "/var/backups/shop" }
     */
    readonly to: ToArgs;
    /**
     * An age public key that encrypts the backups. Keep its private key: without it they cannot be read.
     * Default: not encrypted.
     * Refused: a private key; a key that is mistyped.
     *
     * @example "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
     */
    readonly encrypt?: pulumi.Input<string> | undefined;
    /**
     * Backs up files instead of the database: names of volumes, or folders of the host, that the accessory mounts.
     * Default: the database of the preset, else all volumes of the accessory.
     *
     * @example ["shop-files-production-data"]
     */
    readonly volumes?: readonly pulumi.Input<string>[] | undefined;
    /**
     * What slipway backup drill runs on the restored data: SQL, a Redis command, or a shell command in the folder of the files.
     * Default: the number of tables, keys or files.
     *
     * @example "SELECT count(*) FROM orders"
     */
    readonly drill?: pulumi.Input<string> | undefined;
    /**
     * Timeout of a backup, in seconds.
     * Default: 21600.
     *
     * @example 3600
     */
    readonly timeout?: pulumi.Input<number> | undefined;
}
/** See `slipway:accessories.backup.to`. */
interface ToArgs {
    /**
     * A folder of the host, with a folder for each accessory.
     * Refused: a path that is not absolute; together with s3.
     *
     * @example "/var/backups/shop"
     */
    readonly directory?: pulumi.Input<string> | undefined;
    /**
     * A bucket of an S3-compatible store.
     * Refused: together with directory.
     *
     * @example { endpoint: "https://s3.eu-central-1.amazonaws.com", bucket: "acme-backups", accessKey: ["S3_ACCESS_KEY"], secretKey: ["S3_SECRET_KEY"] }
     */
    readonly s3?: S3Args | undefined;
}
/** See `slipway:accessories.backup.to.s3`. */
interface S3Args {
    /**
     * The store's address.
     * Refused: missing; anything but http:// and https://; credentials in it.
     *
     * @example "https://s3.eu-central-1.amazonaws.com"
     */
    readonly endpoint: pulumi.Input<string>;
    /**
     * The region that requests are signed for.
     * Default: "us-east-1".
     *
     * @example "eu-central-1"
     */
    readonly region?: pulumi.Input<string> | undefined;
    /**
     * The bucket, which must exist.
     * Refused: missing.
     *
     * @example "acme-backups"
     */
    readonly bucket: pulumi.Input<string>;
    /**
     * Path before the folder of the accessory.
     * Default: "".
     * Refused: anything but letters, digits, ., -, _ and /.
     *
     * @example "shop/production"
     */
    readonly prefix?: pulumi.Input<string> | undefined;
    /**
     * The name of the secret with the access key id.
     * Refused: missing; a secret that is not set.
     *
     * @example ["S3_ACCESS_KEY"]
     */
    readonly accessKey: readonly string[];
    /**
     * The name of the secret with the secret key.
     * Refused: missing; a secret that is not set.
     *
     * @example ["S3_SECRET_KEY"]
     */
    readonly secretKey: readonly string[];
}
/** See `slipway:jobs`. */
interface JobArgs {
    /**
     * When it starts, as in cron: minute, hour, day, month and weekday, or @hourly.
     * Refused: missing; not valid in cron; a time that never comes.
     *
     * @example "*\/15 * * * *"
     */
    readonly schedule: pulumi.Input<string>;
    /**
     * Time zone of schedule.
     * Default: "UTC".
     *
     * @example "Europe/Berlin"
     */
    readonly timezone?: pulumi.Input<string> | undefined;
    /**
     * The command. It is not run by a shell.
     * Refused: missing; unquoted shell operators, comments and line breaks.
     *
     * @example "bin/rails sessions:expire"
     */
    readonly cmd: pulumi.Input<string>;
    /**
     * The role whose image, environment, mounts and options it uses; it changes with the release.
     * Default: the primary role.
     * Refused: an unknown role, or one without hosts.
     *
     * @example "worker"
     */
    readonly role?: string | undefined;
    /**
     * Replaces the image of the role. Like slipway:image, it is in the registry of slipway:registry unless it names one, and its tag is resolved to a digest in each run.
     * Default: the role's; with builder of the job: slipway:image with - and the job's name.
     * Refused: what is not an image in a registry.
     *
     * @example "ghcr.io/acme/report:2"
     */
    readonly image?: pulumi.Input<string> | undefined;
    /**
     * Builds an image of its own for this job, and pushes it; its keys take precedence over those of slipway:builder.
     * Default: the job runs an image that exists.
     * Refused: without a registry: give the job a role that has this builder; what slipway:builder refuses.
     *
     * @example { context: "apps/report" }
     */
    readonly builder?: BuilderArgs | undefined;
    /**
     * What happens while the previous run is still going: the new run is skipped, or runs beside it.
     * Default: "forbid".
     *
     * @example "allow"
     */
    readonly concurrency?: pulumi.Input<"forbid" | "allow"> | undefined;
    /**
     * Timeout of a run, in seconds.
     * Default: 3600.
     *
     * @example 600
     */
    readonly timeout?: pulumi.Input<number> | undefined;
    /**
     * The server that runs it, one of the role's.
     * Default: the first host of the role.
     * Refused: a host without that role.
     *
     * @example jobs1
     */
    readonly onHost?: Server | undefined;
}
/** See `slipway:schedule`. */
interface ScheduleArgs {
    /**
     * The image that runs backups and jobs, with Node.js 24, sh, tar and mkfifo. Its tag is resolved once, and again when this text changes.
     * Default: "node:24-slim".
     * Refused: what is not an image.
     *
     * @example "registry.example.com/node:24-slim"
     */
    readonly image?: pulumi.Input<string> | undefined;
}
/** See `slipway:release`. */
interface ReleaseCommandArgs {
    /**
     * A command, or a list of commands that are run one after the other.
     * Refused: missing.
     *
     * @example ["bin/migrate", "bin/warm-cache"]
     */
    readonly cmd: pulumi.Input<string> | readonly pulumi.Input<string>[];
    /**
     * Timeout of each command, in seconds.
     * Default: 600.
     *
     * @example 1800
     */
    readonly timeout?: pulumi.Input<number> | undefined;
}
/** See `slipway:hooks`. */
interface HooksArgs {
    /**
     * Run before an image is built, once in a run.
     * Default: nothing.
     * Refused: with builder.with: @pulumi/docker.
     *
     * @example "./bin/check-ci"
     */
    readonly preBuild?: pulumi.Input<string> | readonly pulumi.Input<string>[] | undefined;
    /**
     * Run before a release changes anything, once for each release; a failure stops the release.
     * Default: nothing.
     *
     * @example "./bin/check-migrations"
     */
    readonly preDeploy?: pulumi.Input<string> | readonly pulumi.Input<string>[] | undefined;
    /**
     * Run before the containers of each wave start (boot.limit); a failure takes the release back.
     * Default: nothing.
     *
     * @example "./bin/announce \"$SLIPWAY_VERSION starts on $SLIPWAY_HOSTS\""
     */
    readonly preAppBoot?: pulumi.Input<string> | readonly pulumi.Input<string>[] | undefined;
    /**
     * Run after each wave serves; a failure takes the release back.
     * Default: nothing.
     *
     * @example "./bin/smoke-test \"$KAMAL_HOSTS\""
     */
    readonly postAppBoot?: pulumi.Input<string> | readonly pulumi.Input<string>[] | undefined;
    /**
     * Run after a release serves on all hosts, once for each release.
     * Default: nothing.
     *
     * @example ["./bin/announce \"$SLIPWAY_VERSION serves\""]
     */
    readonly postDeploy?: pulumi.Input<string> | readonly pulumi.Input<string>[] | undefined;
}
/** See `slipway:hooks_output`. */
interface HooksOutputArgs {
    /**
     * For this hook.
     *
     * @example "quiet"
     */
    readonly preBuild?: "verbose" | "quiet" | undefined;
    /**
     * For this hook.
     *
     * @example "quiet"
     */
    readonly preDeploy?: "verbose" | "quiet" | undefined;
    /**
     * For this hook.
     *
     * @example "quiet"
     */
    readonly preAppBoot?: "verbose" | "quiet" | undefined;
    /**
     * For this hook.
     *
     * @example "quiet"
     */
    readonly postAppBoot?: "verbose" | "quiet" | undefined;
    /**
     * For this hook.
     *
     * @example "quiet"
     */
    readonly postDeploy?: "verbose" | "quiet" | undefined;
}
/** See `slipway:hooks_timeout`. */
interface HooksTimeoutArgs {
    /**
     * For this hook.
     *
     * @example 600
     */
    readonly preBuild?: number | undefined;
    /**
     * For this hook.
     *
     * @example 600
     */
    readonly preDeploy?: number | undefined;
    /**
     * For this hook.
     *
     * @example 600
     */
    readonly preAppBoot?: number | undefined;
    /**
     * For this hook.
     *
     * @example 600
     */
    readonly postAppBoot?: number | undefined;
    /**
     * For this hook.
     *
     * @example 600
     */
    readonly postDeploy?: number | undefined;
}
/** See `slipway:boot`. */
interface BootArgs {
    /**
     * Hosts of a wave, as a number or as a percentage of all hosts, rounded down to at least one.
     * Default: all hosts at once.
     *
     * @example "25%"
     */
    readonly limit?: pulumi.Input<number | string> | undefined;
    /**
     * Seconds between two waves.
     * Default: 0.
     * Refused: without limit.
     *
     * @example 10
     */
    readonly wait?: pulumi.Input<number> | undefined;
    /**
     * Whether the roles of a host switch together. Kamal's default is false; here a wave that fails is reverted, so there is no need to wait.
     * Default: true.
     *
     * @example false
     */
    readonly parallelRoles?: pulumi.Input<boolean> | undefined;
}
/** See `slipway:canary`. */
interface CanaryArgs {
    /**
     * A tag of the same repository; with image, the name of the canary's release.
     * Refused: missing without image.
     *
     * @example "1.5.0"
     */
    readonly version?: pulumi.Input<string> | undefined;
    /**
     * The canary's image, with tag or digest, `file://PATH`, or `engine://NAME:TAG`.
     * Default: slipway:image with the tag version.
     * Refused: the image of the release.
     *
     * @example "ghcr.io/acme/shop:1.5.0-rc.1"
     */
    readonly image?: pulumi.Input<string> | undefined;
    /**
     * Percentage of the values of the cookie kamal-rollout whose requests it serves.
     * Refused: together with allow; missing without allow.
     *
     * @example 10
     */
    readonly percent?: pulumi.Input<number> | undefined;
    /**
     * Values of the cookie kamal-rollout whose requests it serves.
     * Refused: together with percent.
     *
     * @example ["beta-testers"]
     */
    readonly allow?: readonly pulumi.Input<string>[] | undefined;
}
/** A named group of servers that run one command of the app's image. */
interface RoleArgs {
    /**
     * Where it runs.
     * Refused: missing or empty without allowEmptyRoles.
     *
     * @example [web1, { server: web2, tags: ["eu"] }]
     */
    readonly hosts?: Servers | undefined;
    /**
     * Runs this image instead of slipway:image, with the same forms. What is built has this name in its registry.
     * Default: slipway:image; with builder of the role: slipway:image with - and the role's name, if that is in a registry.
     * Refused: as for slipway:image.
     *
     * @example "ghcr.io/acme/shop-worker:1.4.2"
     */
    readonly image?: pulumi.Input<string> | undefined;
    /**
     * Builds an image of its own for this role; its keys take precedence over those of slipway:builder.
     * Default: the role runs slipway:image.
     * Refused: as for slipway:builder.
     *
     * @example { context: "apps/worker" }
     */
    readonly builder?: BuilderArgs | undefined;
    /**
     * The version of the role's own image, instead of its tag. Quote it.
     * Default: slipway:version, else the tag of the role's image, else the beginning of its digest; of what is built, the commit.
     * Refused: for a role without image and builder; anything but letters, digits, ., - and _.
     *
     * @example "1.4.2"
     */
    readonly version?: pulumi.Input<string> | undefined;
    /**
     * Containers on each host.
     * Default: 1.
     * Refused: more than 1 with options.publish; more than 1000.
     *
     * @example 2
     */
    readonly replicas?: pulumi.Input<number> | undefined;
    /**
     * Whether the old container stops after the new one serves, or before the new one starts.
     * Default: stop-first with options.publish or options.network: host, else start-first.
     * Refused: start-first with options.publish.
     *
     * @example "stop-first"
     */
    readonly strategy?: pulumi.Input<"start-first" | "stop-first"> | undefined;
    /**
     * Replaces the image's command. It is not run by a shell: write `sh -c '…'` if you need one.
     * Default: the image's.
     * Refused: unquoted shell operators, comments and line breaks.
     *
     * @example "bin/jobs --queues default"
     */
    readonly cmd?: pulumi.Input<string> | readonly pulumi.Input<string>[] | undefined;
    /**
     * Environment over the app's, with the same keys except tags.
     *
     * @example { clear: { QUEUES: "default" } }
     */
    readonly env?: EnvArgs | undefined;
    /**
     * Limits and rights of its containers.
     *
     * @example { memory: "512m", cpus: 1 }
     */
    readonly options?: ContainerOptionsArgs | undefined;
    /**
     * What it mounts in addition to slipway:volumes, in the same form.
     * Default: [].
     * Refused: relative paths; a target that is already mounted.
     *
     * @example ["shop-jobs:/app/tmp"]
     */
    readonly volumes?: readonly pulumi.Input<string>[] | undefined;
    /**
     * The same as slipway:asset_path, for this role.
     * Default: slipway:asset_path.
     * Refused: for a role that is not proxied.
     *
     * @example "/app/public/assets"
     */
    readonly assetPath?: pulumi.Input<string> | undefined;
    /**
     * Labels over slipway:labels.
     * Refused: service, role, destination, slipway.*.
     *
     * @example { team: "checkout" }
     */
    readonly labels?: Readonly<Record<string, pulumi.Input<string | number | boolean>>> | undefined;
    /**
     * Logging over slipway:logging, with the same keys.
     *
     * @example { options: { "max-size": "100m" } }
     */
    readonly logging?: LoggingArgs | undefined;
    /**
     * Whether the proxy routes to it; a map has the keys of slipway:proxy except run, and takes precedence over it.
     * Default: true for the primary role, false for others.
     *
     * @example { host: "admin.example.com" }
     */
    readonly proxy?: pulumi.Input<boolean> | ProxyArgs | undefined;
    /**
     * How a container of a role that is not proxied proves that it is ready.
     * Default: the image's HEALTHCHECK, else readiness_delay.
     * Refused: for a proxied role: set proxy.healthcheck.
     *
     * @example { path: "/healthz", port: 9000 }
     */
    readonly healthcheck?: HealthcheckArgs | undefined;
    /**
     * Seconds that a container with neither proxy nor health check must stay up.
     * Default: slipway:readiness_delay.
     * Refused: for a proxied role; together with healthcheck.
     *
     * @example 3
     */
    readonly readinessDelay?: pulumi.Input<number> | undefined;
    /**
     * Seconds between SIGTERM and SIGKILL. What needs longer than slipway:stop_wait is left to finish by itself.
     * Default: slipway:stop_timeout.
     *
     * @example 60
     */
    readonly stopTimeout?: pulumi.Input<number> | undefined;
    /**
     * Seconds that a replaced container goes on before its SIGTERM, so that a proxy of your own in front can take it out. Meanwhile its name ends with .stopping.
     * Default: 0.
     * Refused: with strategy: stop-first or options.publish.
     *
     * @example 5
     */
    readonly stopDelay?: pulumi.Input<number> | undefined;
}
/** See `slipway:servers.healthcheck`. */
interface HealthcheckArgs {
    /**
     * Path of the HTTP check; any 2xx response is healthy.
     * Default: "/up".
     * Refused: together with cmd.
     *
     * @example "/healthz"
     */
    readonly path?: pulumi.Input<string> | undefined;
    /**
     * Port of the HTTP check, inside the container.
     * Refused: missing without cmd; together with cmd.
     *
     * @example 9000
     */
    readonly port?: pulumi.Input<number> | undefined;
    /**
     * Host header of the HTTP check.
     * Default: the container's address.
     * Refused: together with cmd.
     *
     * @example "jobs.example.com"
     */
    readonly host?: pulumi.Input<string> | undefined;
    /**
     * A command that is run in the container instead; exit code 0 is healthy. It is not run by a shell.
     * Default: none.
     * Refused: together with path, port or host.
     *
     * @example "bin/jobs --check"
     */
    readonly cmd?: pulumi.Input<string> | readonly pulumi.Input<string>[] | undefined;
    /**
     * Seconds between two runs of the command.
     * Default: 1.
     * Refused: without cmd.
     *
     * @example 2
     */
    readonly interval?: pulumi.Input<number> | undefined;
    /**
     * Timeout of one check, in seconds.
     * Default: 5.
     *
     * @example 3
     */
    readonly timeout?: pulumi.Input<number> | undefined;
}

/** Where an accessory of an app runs. One without an app has its server. */
type Placement = "host" | "hosts" | "role" | "roles" | "tag" | "tags";
/** A database, cache or other service without an app: an accessory's own arguments, and those of an app that concern it. */
interface StandaloneAccessoryArgs extends Omit<AccessoryArgs, Placement | "service">, Pick<AppArgs, "secrets" | "schedule" | "readinessDelay" | "adopt"> {
    /**
     * The server that it runs on.
     *
     * @example data
     */
    readonly server: Server;
    /**
     * The name of its container, of its folder and of its volumes.
     * Default: <name>-<stack>.
     * Refused: a name that an app, or another accessory, of this program has on the server.
     *
     * @example "shop-db"
     */
    readonly service?: string | undefined;
}

/**
 * A database, cache or other service on a server, without an app: changed in place with its data kept, and backed up, as an accessory of
 * an `App` is. Its name need not differ from that of an app.
 *
 * @example
 * const db = new slipway.Accessory("db", {
 *   server: data,
 *   image: "postgres:17.2",
 *   env: { clear: { POSTGRES_DB: "shop" }, secret: { POSTGRES_PASSWORD: password } },
 * });
 * export const url = db.url;
 */
declare class Accessory extends pulumi.ComponentResource implements AccessoryOutputs {
    /**
     * The name of its server.
     *
     * @example ["db-1"]
     */
    readonly hosts: readonly HostName[];
    /**
     * The container's name, by which containers in the network `kamal` of the same server reach it, such as those of an app; in a network of
     * its own, the published address. Default: undefined, if none is published there.
     *
     * @example "db-production"
     */
    readonly host: pulumi.Output<string> | undefined;
    /**
     * The port that belongs to `host`. Default: undefined, as for `host`, and if no port is known.
     *
     * @example 5432
     */
    readonly port: pulumi.Output<number> | undefined;
    /**
     * The URL with this host and port, user and password as its environment has them, percent-encoded; a secret if a part of it is.
     * Default: undefined, unless image and environment decide it: PostgreSQL with POSTGRES_PASSWORD, MySQL and MariaDB with a user and its
     * password, Redis and Valkey with REDIS_PASSWORD or without any password.
     *
     * @example "postgres://postgres:p%40ss@db-production:5432/shop"
     */
    readonly url: pulumi.Output<string> | undefined;
    /**
     * Server name → the port that it publishes there for other machines. Default: empty, if it publishes none, or on loopback only.
     *
     * @example { "db-1": { host: "10.0.0.5", port: 5432, url: "postgres://postgres:p%40ss@10.0.0.5:5432/shop" } }
     */
    readonly published: Readonly<Record<HostName, PublishedPort>>;
    /** @param name its name in the commands (`slipway accessory logs db`); its container has the stack's name as well: `db-production` */
    constructor(name: string, args: StandaloneAccessoryArgs, opts?: pulumi.ComponentResourceOptions);
    private declareContainer;
    private declareBackup;
}

/** How SSH reaches a machine, and Docker there, with the arguments that `docker` of a `Server` has. */
interface DockerEngineArgs extends ConnectionArgs, DockerArgs {
}
/**
 * Docker on a machine that has no `Server`: installed if it is missing, with the declared settings. It stays when it leaves the program.
 *
 * @example
 * const engine = new slipway.DockerEngine("ci-1", { address: "203.0.113.30", version: "28", settings: { "live-restore": true } });
 */
declare class DockerEngine extends DynamicResource<object> {
    /** @param name the machine, in messages and in `slipway:ssh`: `ci-1` */
    constructor(name: string, args: DockerEngineArgs, opts?: pulumi.CustomResourceOptions);
}

/** How SSH reaches a machine, and what else may reach it. */
interface StandaloneFirewallArgs extends ConnectionArgs, Omit<FirewallArgs$1, "allow"> {
    /**
     * The ports that are open besides that of SSH, those of containers and of kamal-proxy included.
     * Default: [].
     *
     * @example [{ port: 443 }, { port: 5432, from: ["10.0.0.0/16"] }]
     */
    readonly allow?: readonly OpeningArgs[] | undefined;
}
/**
 * The firewall of a machine that has no `Server`: closes all ports to the outside but that of SSH and those listed, for containers as well.
 * A rule that locks out the current run is reverted automatically. The ports are open again when it leaves the program.
 *
 * @example
 * new slipway.Firewall("db-1", { address: "203.0.113.20", sshFrom: ["198.51.100.0/24"], allow: [{ port: 5432, from: ["10.0.0.0/16"] }] });
 */
declare class Firewall extends DynamicResource<object> {
    /** @param name the machine, in messages and in `slipway:ssh`: `db-1` */
    constructor(name: string, args: StandaloneFirewallArgs, opts?: pulumi.CustomResourceOptions);
}

/** How SSH reaches a machine before it is hardened, and what is made of that. */
interface HardeningArgs extends ConnectionArgs {
    /**
     * Who logs in from then on. Apart from the rest, because `user` is who logs in before.
     * Default: { user: "deploy" }.
     *
     * @example { user: "ship" }
     */
    readonly harden?: HardenArgs | undefined;
}
/**
 * SSH of a machine that has no `Server`: by key only, not for root, with a user of its own. It stays when it leaves the program.
 *
 * @example
 * const ssh = new slipway.Hardening("db-1", { address: "203.0.113.20" });
 * new slipway.Firewall("db-1", { ...ssh.connection, allow: [{ port: 5432, from: ["10.0.0.0/16"] }] });
 */
declare class Hardening extends DynamicResource<object> {
    /**
     * How SSH reaches the machine from then on: arguments for other parts of it, or for a `Server`. What takes them waits until it is hardened.
     *
     * @example { address: "203.0.113.20", port: 22, user: "deploy" }
     */
    readonly connection: ConnectionArgs;
    /** @param name the machine, in messages and in `slipway:ssh`: `db-1` */
    constructor(name: string, args: HardeningArgs, opts?: pulumi.CustomResourceOptions);
}

/** Generated from the schema of a stack's file by `npm run docs`; do not edit. */
/** See `slipway:hetzner`. */
interface HetznerArgs {
    /**
     * Server type.
     * Default: "cx23".
     *
     * @example "cax21"
     */
    readonly type?: string | undefined;
    /**
     * Location.
     * Default: "fsn1".
     *
     * @example "nbg1"
     */
    readonly location?: "fsn1" | "nbg1" | "hel1" | "ash" | "hil" | "sin" | undefined;
    /**
     * Operating system of a new machine. A change does not affect an existing one.
     * Default: "debian-13".
     *
     * @example "ubuntu-24.04"
     */
    readonly image?: string | undefined;
    /**
     * Labels at Hetzner, in addition to managed_by, project and stack.
     * Default: {}.
     *
     * @example { team: "checkout" }
     */
    readonly labels?: Readonly<Record<string, string>> | undefined;
    /**
     * Volumes of the machine, by name: the size in GB, or a map. Formatted with ext4 and mounted below /mnt.
     * Default: {}.
     *
     * @example { data: 50 }
     */
    readonly volumes?: Readonly<Record<string, number | HetznerVolumeArgs>> | undefined;
    /**
     * Whether Hetzner backs up the machine.
     * Default: false.
     *
     * @example true
     */
    readonly backups?: boolean | undefined;
    /**
     * Whether the address is kept when the machine is replaced.
     * Default: false.
     *
     * @example true
     */
    readonly primaryIp?: boolean | undefined;
    /**
     * Whether Pulumi and Hetzner refuse to delete it.
     * Default: false.
     *
     * @example true
     */
    readonly protect?: boolean | undefined;
}
/** See `slipway:hetzner.volumes`. */
interface HetznerVolumeArgs {
    /**
     * Size in GB.
     * Refused: missing; less than 10.
     *
     * @example 50
     */
    readonly size: number;
    /**
     * Whether it is deleted with its server; else it stays, with its data.
     * Default: false.
     *
     * @example true
     */
    readonly delete?: boolean | undefined;
}

/** A machine at Hetzner: its kind and size, and what of the program's other resources it is made with. */
interface HetznerMachineArgs extends HetznerArgs {
    /**
     * The keys that may log in, which the Hetzner project has.
     * Refused: none. Hetzner would give root a password that has to be changed at the first login.
     *
     * @example [new hcloud.SshKey("ann", { publicKey: "ssh-ed25519 AAAA…" })]
     */
    readonly sshKeys: readonly SshKeyAtHetzner[];
    /**
     * Who logs in; created with sudo unless it is root. Default: "root".
     *
     * @example "deploy"
     */
    readonly user?: string | undefined;
    /**
     * Port of SSH. Default: 22.
     *
     * @example 22
     */
    readonly port?: number | undefined;
    /**
     * Firewalls of the Hetzner project that it is behind. That of a `Server` is on the machine itself. Default: none.
     *
     * @example [rules]
     */
    readonly firewalls?: readonly FirewallAtHetzner[] | undefined;
    /**
     * The subnet of a private network that it joins. Default: no private network.
     *
     * @example new hcloud.NetworkSubnet("web", { networkId, type: "cloud", networkZone: "eu-central", ipRange: "10.0.0.0/24" })
     */
    readonly subnet?: SubnetAtHetzner | undefined;
}
/** An `hcloud.SshKey`. */
interface SshKeyAtHetzner {
    /** @example key.id */
    readonly id: pulumi.Output<string>;
    /** @example key.publicKey */
    readonly publicKey: pulumi.Output<string>;
}
/** An `hcloud.Firewall`. */
interface FirewallAtHetzner {
    /** @example rules.id */
    readonly id: pulumi.Output<string>;
}
/** An `hcloud.NetworkSubnet`. */
type SubnetAtHetzner = pulumi.Resource & {
    /** @example subnet.networkId */
    readonly networkId: pulumi.Output<number>;
};

/**
 * A virtual machine at Hetzner. The program makes its host key, so that even the first connection is verified, and gives it to the machine
 * with its user and keys. `Server` makes it a machine for apps. The package @pulumi/hcloud has to be installed.
 *
 * @example
 * const ann = new hcloud.SshKey("ann", { publicKey: "ssh-ed25519 AAAA…" });
 * const machine = new slipway.HetznerMachine("web-1", { type: "cx23", location: "nbg1", sshKeys: [ann] });
 * const web = new slipway.Server("web-1", { ...machine.connection, firewall: true });
 */
declare class HetznerMachine extends pulumi.ComponentResource {
    /**
     * How SSH reaches it: arguments for a `Server`, or for parts of one.
     *
     * @example { address: "192.0.2.10", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA…" }
     */
    readonly connection: ConnectionArgs;
    /**
     * Its id at Hetzner.
     *
     * @example 4711
     */
    readonly serverId: pulumi.Output<number>;
    /** @param name the host: `web-1`. At Hetzner it is called `<project>-<stack>-web-1` */
    constructor(name: string, args: HetznerMachineArgs, opts?: pulumi.ComponentResourceOptions);
}

/** How SSH reaches a machine, and how kamal-proxy runs there, with the arguments that `proxy` of a `Server` has. */
interface StandaloneProxyArgs extends ConnectionArgs, ProxyRunArgs {
}
/**
 * kamal-proxy on a machine that has no `Server`, where Docker runs. It has no routes of its own: apps of other programs, stacks' files and
 * Kamal bring them. When it leaves the program it stays as long as a route or a container needs it.
 *
 * @example
 * new slipway.Proxy("web-1", { address: "203.0.113.10", httpPort: 8080, httpsPort: 8443 });
 */
declare class KamalProxy extends DynamicResource<object> {
    /** @param name the machine, in messages and in `slipway:ssh`: `web-1` */
    constructor(name: string, args: StandaloneProxyArgs, opts?: pulumi.CustomResourceOptions);
}

/**
 * An app on servers: its accessories, its release, its jobs. Several of them may share servers, in one program or in many.
 *
 * @example
 * const web = new slipway.Server("web-1", { address: "203.0.113.10" });
 * const shop = new slipway.App("shop", { image: "ghcr.io/acme/shop:1.4.2", servers: web, proxy: { host: "shop.example.com", ssl: true } });
 * export const urls = shop.urls;
 */
declare class App<AccessoryName extends string = string> extends pulumi.ComponentResource {
    /**
     * Where requests reach it: for each host name of its proxy, without one for each server's address.
     *
     * @example ["https://shop.example.com"]
     */
    readonly urls: pulumi.Output<string[]>;
    /**
     * The id of the release: its version, and a hash of all that decides its containers.
     *
     * @example "1.4.2-ab12cd34"
     */
    readonly release: pulumi.Output<ReleaseId>;
    /**
     * `version`, else the image's tag, else the beginning of its digest.
     *
     * @example "1.4.2"
     */
    readonly version: pulumi.Output<string>;
    /**
     * The image by digest.
     *
     * @example "ghcr.io/acme/shop@sha256:9f31ab12…"
     */
    readonly image: pulumi.Output<string>;
    /**
     * What is served on each server: server and role → version, and a hash of what decides the containers there.
     *
     * @example { "web-1/web": "1.4.2-56c41b99", "jobs-1/worker": "1.4.2-25c05f8a" }
     */
    readonly containers: pulumi.Output<Record<Slot, ReleaseId>>;
    /**
     * How each accessory is reached, by its name. Default: empty, without accessories.
     *
     * @example shop.accessories.db.url
     */
    readonly accessories: Readonly<Record<AccessoryName, AccessoryOutputs>>;
    constructor(name: string, args: AppArgs & {
        readonly accessories?: {
            readonly [A in AccessoryName]: AccessoryArgs;
        } | undefined;
    }, opts?: pulumi.ComponentResourceOptions);
    private partsOf;
    /** Each app has its own login, which its servers verify before the app is changed. */
    private declareLogins;
    /** Without a host name in the config, the URLs have the addresses of the servers. */
    private urlsOfRoles;
}

type BuildFacts = { content: string; version: string; uncommitted: { first: string[]; count: number; }; changed?: { first: string[]; count: number; since: string; } | undefined; };

type UnconfirmedTag = { image: string; digest: string; now: { kind: "different"; digest: string; } | { kind: "missing"; } | { kind: "unknown"; because: string; }; };

type ImageIdentity = { index: string; platforms: { os: string; arch: string; manifest: string; config: string; variant?: string | undefined; }[]; };

/** What the tag of an image means in a run, or what is built for it. */
interface ImageDigest {
    /** Absent: the image is built in this run. */
    readonly image?: string | undefined;
    /** What the image is built from. Absent: it is not built. */
    readonly build?: BuildFacts | undefined;
    /** Of an image that is built: its release has this name, unless the config names it. Default: the image's tag, else of its digest. */
    readonly version?: string | undefined;
}
/** What the tags of a run mean: that of the app, and the others. */
interface Digests extends ImageDigest {
    readonly canary: string | undefined;
    /** Of roles with an image of their own, by the role's name. Default: none. */
    readonly roles?: Readonly<Record<RoleName, ImageDigest>>;
    /** Of jobs with an image of their own, by the job's name. Default: none, so that such a job's tag is pulled as it is. */
    readonly jobs?: Readonly<Record<string, ImageDigest>>;
    /** Tags beside a digest that the registry did not confirm. Default: none. */
    readonly unconfirmed?: readonly UnconfirmedTag[];
    /** Who has signed images, by digest. Default: no signature is asked for. */
    readonly verified?: Readonly<Record<string, VerifiedImage>>;
    /** What the digests of images that came from files lead to. Default: none. */
    readonly stored?: Readonly<Record<string, ImageIdentity>>;
}

type Images = Pick<Config, "service" | "destination" | "version" | "image" | "builder" | "roles" | "canary" | "jobs" | "registry" | "verify">;
/**
 * The digests of the images' tags in this run. Known before the first resource, so that the preview can name the release, and so that
 * a missing image or a wrong login stops the run when only the registry has been contacted. The tag beside a digest is compared with it.
 * A signature that is asked for is verified here as well: before a host is contacted, and before anything is declared that could change one.
 * An image in a file or in the engine of this machine is brought into the project's store, from where the hosts get it.
 *
 * @param folder in the project: paths are relative to that of Pulumi.yaml
 */
declare function imageDigests(config: Images, folder?: string): Promise<Digests>;

/**
 * Machines that the program itself creates, by their name in the config. What is given here replaces what the config says.
 *
 * @example { "web-1": { address: droplet.ipv4Address, hostKey: key.publicKey } }
 */
type Machines = Readonly<Record<HostName, Partial<Omit<ExistingMachine, "name">>>>;
/** A server of a stack's file: how SSH reaches it, and its id at Hetzner if the stack made it there. */
type ServerOutputs = Pick<DeclaredServer, "address" | "port" | "user" | "serverId">;
/**
 * All of one stack: its servers, and the release of its app on them.
 *
 * @example
 * const config = await stackConfig();
 * const digests = imageDigests(config);
 * new Deployment(config, digests);
 * await digests;
 */
declare class Deployment extends pulumi.ComponentResource {
    #private;
    /**
     * Where requests reach the app: for each host name of its proxy, without one for each address of a load balancer or server.
     *
     * @example ["https://shop.example.com"]
     */
    readonly urls: pulumi.Output<string[]>;
    /**
     * The id of the release: its version, and a hash of all that decides its containers. Empty in a stack of accessories alone.
     *
     * @example "1.4.2-ab12cd34"
     */
    readonly release: pulumi.Output<ReleaseId>;
    /**
     * `slipway:version`, else the image's tag, else the beginning of its digest.
     *
     * @example "1.4.2"
     */
    readonly version: pulumi.Output<string>;
    /**
     * The image by digest.
     *
     * @example "ghcr.io/acme/shop@sha256:9f31ab12…"
     */
    readonly image: pulumi.Output<string>;
    /**
     * What is served on each server: server and role → version, and a hash of what decides the containers there.
     *
     * @example { "web-1/web": "1.4.2-56c41b99", "jobs-1/worker": "1.4.2-25c05f8a" }
     */
    readonly containers: pulumi.Output<Record<Slot, ReleaseId>>;
    /**
     * How each accessory is reached, by its name. Default: empty, without accessories.
     *
     * @example deployment.accessories["db"]?.url
     */
    readonly accessories: Readonly<Record<string, AccessoryOutputs>>;
    /**
     * Each server, by its name in the config.
     *
     * @example deployment.servers["web-1"]?.address
     */
    readonly servers: Readonly<Record<HostName, ServerOutputs>>;
    /**
     * The IPv4 address of the load balancer at Hetzner of each role that has one. Default: empty.
     *
     * @example deployment.loadBalancers["web"]
     */
    readonly loadBalancers: Readonly<Record<RoleName, pulumi.Output<string>>>;
    /**
     * @param config complete and resolved: from `await stackConfig()`, or written in the program
     * @param asked the digests of this run's tags: `imageDigests(config)`. The caller awaits it as well, and reports its failure
     * @param machines hosts of the config that the program creates
     */
    constructor(config: Config, asked: Promise<Digests>, machines?: Machines, opts?: pulumi.ComponentResourceOptions);
    private declareApp;
    private declareSite;
    private declareServers;
    /** A host without a name in the config is called by its address: when it gets a name, its resources stay the same. */
    private oldNamesOf;
    private machineOf;
    /** The ports of a host that are reachable from outside: those of its proxy, and those that roles and accessories publish. */
    private openingsOf;
    /** The ports of the hosts that have a firewall. */
    private openings;
    /** A server that is deleted with its stack must lose the app first. */
    private declareTenancies;
    private declareBalancers;
    private declareNames;
    /** Without a host name in the config, the URLs have the addresses of the hosts. */
    private urlsOfRoles;
}

/** The public keys that may log in to new machines: those in the config, else the public halves of the keys that this operator logs in with. */
declare function operatorKeys({ hetzner, ssh }: Pick<Config, "hetzner" | "ssh">): string[];

/**
 * A source of secrets, with the keys of `slipway:secrets_from` in a stack's file.
 *
 * @example { sops: "secrets.production.yaml" }
 */
type SecretSourceArgs = SourceInput;
/**
 * Values of secrets from where they are: a file of dotenv or sops, a command, the environment, or a store (docs/secrets.md). All sources are
 * asked once, in parallel; of a name that several have, the first one counts. Rejects with one error that has everything which is wrong.
 *
 * @param sources where the values are, in the order of precedence
 * @param names of the values
 * @example
 * const secrets = await secretsFrom([{ env: true }, { sops: "secrets.production.yaml" }], ["DATABASE_URL"]);
 * new App("shop", { image: "ghcr.io/acme/shop:1.4.2", servers: web, env: { secret: { DATABASE_URL: secrets.DATABASE_URL } } });
 */
declare function secretsFrom<Name extends string>(sources: readonly SecretSourceArgs[], names: readonly Name[]): Promise<{
    readonly [N in Name]: pulumi.Output<string>;
}>;

/**
 * The config of the current stack, with the values of the sources in `slipway:secrets_from`. Rejects with one error that has everything
 * which is wrong in it.
 *
 * @example const config = await stackConfig();
 */
declare function stackConfig(): Promise<Config>;

export { Accessory, App, Deployment, DockerEngine, Firewall, Hardening, HetznerMachine, HostKey, KamalProxy as Proxy, RegistryLogin, Server, cloudConfig, imageDigests, operatorKeys, secretsFrom, stackConfig };
export type { AccessoryArgs, AccessoryHealthcheckArgs, AccessoryOutputs, AccessoryRegistryArgs, AppArgs, AuthorizedKeys, BackupArgs, BootArgs, BufferingArgs, BuilderArgs, CacheArgs, CanaryArgs, CloudConfigArgs, ConnectionArgs, ContainerOptionsArgs, CosignArgs, Digests, DirectoriesArgs, DockerArgs, DockerEngineArgs, EnvArgs, FilesArgs, FirewallArgs$1 as FirewallArgs, FirewallAtHetzner, HardenArgs, HardeningArgs, HealthcheckArgs, HetznerArgs, HetznerMachineArgs, HetznerVolumeArgs, HooksArgs, HooksOutputArgs, HooksTimeoutArgs, JobArgs, LoggingArgs, Machines, MaintenanceArgs, OpeningArgs, ProxyArgs, ProxyRunArgs, PublishedPort, RegistryArgs, RegistryCredentials, RegistryLoginArgs, ReleaseCommandArgs, RequestLoggingArgs, RoleArgs, RootEnvArgs, RootSplitEnvArgs, RouteHealthcheckArgs, S3Args, ScheduleArgs, SecretSourceArgs, ServerArgs, ServerOfRole, ServerOutputs, Servers, SplitEnvArgs, SshKeyAtHetzner, SslArgs, StandaloneAccessoryArgs, StandaloneFirewallArgs, StandaloneProxyArgs, SubnetAtHetzner, ToArgs, VerifyArgs };
