import { z } from "zod";
import type { Json } from "../../core/values.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";

/** Docker on all servers. */
export interface Docker {
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

export const DockerSection = section({
  install: field(z.boolean(), {
    is: "Whether Docker is installed on servers where it is missing. Neither Docker nor its settings are ever removed.",
    default: true,
    example: false,
  }),
  source: field(z.enum(["distribution", "docker"]), {
    is: "Where its packages come from: the server's distribution, or Docker's own signed repository.",
    otherwise:
      "distribution on Debian and Ubuntu; docker on Fedora, RHEL and their derivatives, and wherever version or mirror is set",
    example: "docker",
  }),
  version: field(z.string().regex(/^\d+(\.\d+){0,2}$/, { error: "is not a version: write 28, 28.3 or 28.3.2, in quotes" }), {
    is: "Minimum version on the servers, complete or in part. An older Docker is upgraded, a newer one is left alone.",
    otherwise: "any version; the newest where Docker is missing",
    refused: "with source: distribution, which has only one version",
    example: "28.3",
  }),
  settings: field(z.record(z.string().min(1), z.json()), {
    is: "Keys of /etc/docker/daemon.json, merged into the file. Docker is reloaded if that is enough, else restarted. A key that is removed here stays in the file.",
    otherwise:
      "where Slipway installs Docker: log-driver json-file with max-size 10m and max-file 5, and live-restore true; elsewhere none",
    refused: "hosts, which makes Docker listen on the network",
    example: { "live-restore": true, "registry-mirrors": ["https://mirror.example.com"] },
  }),
  mirror: field(z.string(), {
    is: "A mirror of Docker's repository that the servers can reach over HTTP or HTTPS.",
    default: "https://download.docker.com",
    refused: "with source: distribution",
    example: "https://mirror.example.com/docker",
  }),
  fingerprint: field(z.string(), {
    is: "The fingerprint of the key that signs the repository. Nothing is installed from a repository with a different signature.",
    otherwise: "Docker's own keys",
    refused: "with source: distribution",
    example: "9DC858229FC7DD38854AE2D88D81803C0EBFCD88",
  }),
});
type DockerInput = z.infer<typeof DockerSection>;

/** The keys that decide where packages come from. */
const PACKAGE_KEYS = ["source", "version", "mirror", "fingerprint"] as const;

export function resolveDocker(input: DockerInput = {}, place: ConfigPath): Docker {
  refuseIdle(input, place);
  if (Object.hasOwn(input.settings ?? {}, "hosts"))
    place
      .at("settings", "hosts")
      .refuse(
        "not allowed in daemon.json: Docker's systemd unit sets it, and network access to Docker is full control of the server",
      );
  return {
    install: input.install ?? true,
    source: input.source,
    version: input.version,
    settings: input.settings ?? {},
    mirror: input.mirror === undefined ? undefined : resolveMirror(input.mirror, place.at("mirror")),
    fingerprint: input.fingerprint === undefined ? undefined : resolveFingerprint(input.fingerprint, place.at("fingerprint")),
  };
}

function refuseIdle(input: DockerInput, place: ConfigPath): void {
  const written = PACKAGE_KEYS.filter((key) => input[key] !== undefined);
  if (input.install === false) for (const key of written) place.at(key).refuse("not allowed with install: false");
  if (input.source !== "distribution") return;
  for (const key of written) if (key !== "source") place.at(key).refuse("not allowed with source: distribution");
}

function resolveMirror(text: string, place: ConfigPath): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "" || /\s/.test(text))
    place.refuse("is not an http or https address");
  else if (url.username !== "" || url.password !== "")
    place.refuse("contains credentials, which would be stored in plain text: allow the servers by their addresses instead");
  return text.replace(/\/+$/, "");
}

function resolveFingerprint(text: string, place: ConfigPath): string {
  const digits = text.replace(/\s/g, "").toUpperCase();
  if (!/^[0-9A-F]{40}$/.test(digits))
    place.refuse("is not a fingerprint: 40 hex digits, as gpg --show-keys --fingerprint prints them");
  return digits;
}
