/** Generated from the schema of a stack's file by `npm run docs`; do not edit. */

/** See `slipway:docker`. */
export interface DockerArgs {
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
export interface FirewallArgs {
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
export interface OpeningArgs {
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
export interface HardenArgs {
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
export interface ProxyRunArgs {
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
