import { z } from "zod";
import type { Place } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";

/** The Docker of all servers. */
export interface Docker {
  /** Whether it is installed where it is missing. */
  readonly install: boolean;
  /** `undefined`: what is right for the server's distribution. */
  readonly source: "distribution" | "docker" | undefined;
  /** `28` or `28.3`: this one or a newer one has to be there. */
  readonly version: string | undefined;
  /** Keys of `daemon.json`; other keys of the file are left alone. */
  readonly settings: Readonly<Record<string, z.core.util.JSONType>>;
  /** Instead of https://download.docker.com, without a slash at its end. */
  readonly mirror: string | undefined;
  /** Of the key that signs the mirror: 40 hex digits in upper case. */
  readonly fingerprint: string | undefined;
}

export const DockerSection = section({
  install: field(z.boolean(), {
    is: "Whether Docker is installed on servers where it is missing. It is never removed again, nor are its settings.",
    default: true,
    example: false,
  }),
  source: field(z.enum(["distribution", "docker"]), {
    is: "Where its packages come from: the server's distribution, or Docker's own signed repository.",
    otherwise: "distribution on Debian and Ubuntu, docker on Fedora, RHEL and their kin, and wherever version or mirror is set",
    example: "docker",
  }),
  version: field(z.string().regex(/^\d+(\.\d+){0,2}$/, { error: "is not a version: write 28, 28.3 or 28.3.2, in quotes" }), {
    is: "The version that a server must have at least, or its beginning; an older one is upgraded, a newer one is left alone.",
    otherwise: "whatever is there, or the newest where it is missing",
    refused: "with source: distribution, which has just one version",
    example: "28.3",
  }),
  settings: field(z.record(z.string().min(1), z.json()), {
    is: "Keys of /etc/docker/daemon.json, merged into the file. Docker is reloaded where that is enough, else restarted. A key that is taken out here stays in the file.",
    otherwise:
      "on a server where we install Docker: log-driver json-file with max-size 10m and max-file 5, and live-restore true; on others nothing",
    refused: "hosts, which is how Docker would listen on the network",
    example: { "live-restore": true, "registry-mirrors": ["https://mirror.example.com"] },
  }),
  mirror: field(z.string(), {
    is: "A mirror of Docker's repository, to be had over HTTP or HTTPS by the servers.",
    default: "https://download.docker.com",
    refused: "with source: distribution",
    example: "https://mirror.example.com/docker",
  }),
  fingerprint: field(z.string(), {
    is: "The fingerprint of the key that signs the repository. Nothing is installed from one that another key signs.",
    otherwise: "Docker's own keys",
    refused: "with source: distribution",
    example: "9DC858229FC7DD38854AE2D88D81803C0EBFCD88",
  }),
});
type DockerInput = z.infer<typeof DockerSection>;

/** What says how packages are had. */
const PACKAGES = ["source", "version", "mirror", "fingerprint"] as const;

export function resolveDocker(input: DockerInput = {}, place: Place): Docker {
  refuseIdle(input, place);
  if (Object.hasOwn(input.settings ?? {}, "hosts"))
    place
      .at("settings", "hosts")
      .refuse("is not for daemon.json: Docker's own unit sets it, and whoever reaches Docker over the network owns the server");
  return {
    install: input.install ?? true,
    source: input.source,
    version: input.version,
    settings: input.settings ?? {},
    mirror: input.mirror === undefined ? undefined : resolveMirror(input.mirror, place.at("mirror")),
    fingerprint: input.fingerprint === undefined ? undefined : resolveFingerprint(input.fingerprint, place.at("fingerprint")),
  };
}

function refuseIdle(input: DockerInput, place: Place): void {
  const written = PACKAGES.filter((key) => input[key] !== undefined);
  if (input.install === false) for (const key of written) place.at(key).refuse("has no meaning when install is false");
  if (input.source !== "distribution") return;
  for (const key of written) if (key !== "source") place.at(key).refuse("has no meaning with source: distribution");
}

function resolveMirror(text: string, place: Place): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "" || /\s/.test(text))
    place.refuse("is not an http or https address");
  else if (url.username !== "" || url.password !== "")
    place.refuse("has credentials in it, which would be kept in plain text: let the servers in by their addresses");
  return text.replace(/\/+$/, "");
}

function resolveFingerprint(text: string, place: Place): string {
  const digits = text.replace(/\s/g, "").toUpperCase();
  if (!/^[0-9A-F]{40}$/.test(digits))
    place.refuse("is not a fingerprint: 40 hex digits, as gpg --show-keys --fingerprint prints them");
  return digits;
}
