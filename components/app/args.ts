/** Generated from the schema of a stack's file by `npm run docs`; do not edit. */
import type * as pulumi from "@pulumi/pulumi";
import type { Server } from "../server/server.ts";
import type { EnvArgs, RootEnvArgs } from "./env-args.ts";
import type { Servers } from "./servers.ts";

/** An app: what a stack's file says of it. */
export interface AppArgs {
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
export interface BuilderArgs {
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
export interface CacheArgs {
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
export interface ProxyArgs {
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
export interface SslArgs {
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
export interface RouteHealthcheckArgs {
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
export interface BufferingArgs {
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
export interface RequestLoggingArgs {
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
export interface MaintenanceArgs {
  /**
   * Text of the page; custom error pages have it as `{{ .Message }}`.
   * Default: no text.
   *
   * @example "Back at 10:00 UTC"
   */
  readonly message?: pulumi.Input<string> | undefined;
}

/** See `slipway:registry`. */
export interface RegistryArgs {
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
export interface VerifyArgs {
  /**
   * The signature of cosign that the image must have: with a key, or by an identity.
   * Refused: missing; without key or identity.
   *
   * @example { key: "cosign.pub" }
   */
  readonly cosign: CosignArgs;
}

/** See `slipway:verify.cosign`. */
export interface CosignArgs {
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
export interface AccessoryArgs {
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
export interface FilesArgs {
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
export interface DirectoriesArgs {
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
export interface ContainerOptionsArgs {
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
export interface AccessoryHealthcheckArgs {
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
export interface AccessoryRegistryArgs {
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
export interface LoggingArgs {
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
export interface BackupArgs {
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
export interface ToArgs {
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
export interface S3Args {
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
export interface JobArgs {
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
export interface ScheduleArgs {
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
export interface ReleaseCommandArgs {
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
export interface HooksArgs {
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
export interface HooksOutputArgs {
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
export interface HooksTimeoutArgs {
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
export interface BootArgs {
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
export interface CanaryArgs {
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
export interface RoleArgs {
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
export interface HealthcheckArgs {
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
