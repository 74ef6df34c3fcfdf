import type { Seconds } from "../../core/words.ts";
import type { Distribution } from "./distribution.ts";
import type { DockerEngineInputs, Source } from "./inputs.ts";

/** One step on a host, as root. */
export type Step =
  | {
      readonly kind: "run";
      /** As progress shows it: `apt-get update`. */
      readonly label: string;
      readonly argv: readonly string[];
      readonly timeout: Seconds;
    }
  | { readonly kind: "write"; readonly label: string; readonly path: string; readonly content: string };

/** Where packages come from, as decided. */
export type From = { readonly source: "distribution" } | ({ readonly source: "docker" } & Repository);

interface Repository {
  readonly base: string;
  readonly fingerprint: string;
  readonly version: string | undefined;
  /** A file on the host, not ours, that already names this repository: it is used as it is. */
  readonly known: string | undefined;
}

const DOCKER = "https://download.docker.com";
const FINGERPRINTS = {
  apt: "9DC858229FC7DD38854AE2D88D81803C0EBFCD88",
  dnf: "060A61C51B558A7F742B77AAC52FEB6B621E9F35",
} as const;

/** 150 MB of packages from a slow mirror. */
const DOWNLOAD_TIMEOUT: Seconds = 600;
const UPDATE_TIMEOUT: Seconds = 300;
const KEY_TIMEOUT: Seconds = 60;

/** Exit code of the key script when the key differs from the pinned one. */
export const OTHER_KEY = 9;

export const repositoryBase = ({ mirror }: Pick<DockerEngineInputs, "mirror">): string => mirror ?? DOCKER;

/** @param known see `Repository` */
export function fromWhere(
  { source, version, mirror, fingerprint }: Pick<DockerEngineInputs, "source" | "version" | "mirror" | "fingerprint">,
  { manager, usual }: Distribution,
  known: string | undefined,
): From {
  // A distribution has only one version, and a mirror is one of Docker's repository.
  const chosen: Source = source ?? (version === undefined && mirror === undefined ? usual : "docker");
  if (chosen === "distribution") return { source: chosen };
  return {
    source: chosen,
    base: repositoryBase({ mirror }),
    fingerprint: fingerprint ?? FINGERPRINTS[manager],
    version,
    known,
  };
}

/** The steps that install or upgrade Docker, in order. */
export const installSteps = (distribution: Distribution, from: From): Step[] =>
  distribution.manager === "apt" ? aptSteps(distribution, from) : dnfSteps(distribution, from);

/** Completes a package change that was interrupted, by a reboot for example; apt refuses everything else before that. */
export const finishInterrupted: Step = {
  kind: "run",
  label: "complete the interrupted package change",
  argv: ["env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--force-confold", "--configure", "-a"],
  timeout: DOWNLOAD_TIMEOUT,
};

function aptSteps({ own, folder, suite = "" }: Distribution, from: From): Step[] {
  const update = apt("apt-get update", ["update"], UPDATE_TIMEOUT);
  if (from.source === "distribution") return [update, apt(`install ${own.join(" ")}`, ["install", ...own, "ca-certificates"])];
  const { base, fingerprint, version, known } = from;
  const engine = PACKAGES.map((name) =>
    version === undefined || name === "containerd.io" ? name : `${name}=${aptVersion(version)}`,
  );
  const install = apt(`install ${engine.join(" ")}`, ["install", ...engine]);
  if (known !== undefined) return [update, install];
  return [
    update,
    // `--no-upgrade`: installed packages stay as they are.
    apt("install ca-certificates gpg", ["install", "--no-upgrade", "ca-certificates", "gpg"]),
    key(`${base}/linux/${folder}/gpg`, fingerprint, APT_KEY),
    { kind: "write", label: "write Docker's repository", path: APT_SOURCE, content: aptSource(`${base}/linux/${folder}`, suite) },
    update,
    install,
  ];
}

function dnfSteps({ own, folder }: Distribution, from: From): Step[] {
  if (from.source === "distribution") return [dnf(`install ${own.join(" ")}`, own)];
  const { base, fingerprint, version, known } = from;
  const engine = PACKAGES.map((name) =>
    version === undefined || name === "containerd.io" ? name : `${name}-${dnfVersion(version)}`,
  );
  // Without it dnf uses a list of packages for two days, and finds no version that is newer than the list.
  const install = dnf(`install ${engine.join(" ")}`, engine, ["--refresh"]);
  if (known !== undefined) return [install];
  return [
    dnf("install ca-certificates curl gnupg2", ["ca-certificates", "/usr/bin/curl", "gnupg2"]),
    key(`${base}/linux/${folder}/gpg`, fingerprint, DNF_KEY),
    { kind: "write", label: "write Docker's repository", path: DNF_SOURCE, content: dnfSource(`${base}/linux/${folder}`) },
    install,
  ];
}

const PACKAGES = ["docker-ce", "docker-ce-cli", "containerd.io"] as const;
const APT_KEY = "/etc/apt/keyrings/slipway-docker.gpg";
const APT_SOURCE = "/etc/apt/sources.list.d/slipway-docker.sources";
const DNF_KEY = "/etc/pki/rpm-gpg/slipway-docker";
const DNF_SOURCE = "/etc/yum.repos.d/slipway-docker.repo";

/** Our own repository files. */
export const OWN_SOURCES = [APT_SOURCE, DNF_SOURCE] as const;

/** `28.3` is the newest 28.3.x; versions of Docker's apt packages begin with an epoch. */
const aptVersion = (version: string): string => `5:${version}${isExact(version) ? "-" : "."}*`;
const dnfVersion = (version: string): string => `${version}${isExact(version) ? "-" : "."}*`;
const isExact = (version: string): boolean => version.split(".").length > 2;

const aptSource = (uri: string, suite: string): string =>
  ["Types: deb", `URIs: ${uri}`, `Suites: ${suite}`, "Components: stable", `Signed-By: ${APT_KEY}`, ""].join("\n");

const dnfSource = (uri: string): string =>
  [
    "[slipway-docker]",
    "name=Docker CE Stable",
    `baseurl=${uri}/$releasever/$basearch/stable`,
    "enabled=1",
    "gpgcheck=1",
    `gpgkey=file://${DNF_KEY}`,
    "",
  ].join("\n");

const run = (label: string, argv: readonly string[], timeout: Seconds): Step => ({ kind: "run", label, argv, timeout });

/**
 * Asks no questions, keeps edited configuration, and stops needrestart from restarting other services. Waits for the lock only briefly:
 * the caller waits, and can then say who holds it.
 */
const APT_GET = [
  "env",
  "DEBIAN_FRONTEND=noninteractive",
  "NEEDRESTART_SUSPEND=1",
  "LC_ALL=C",
  "apt-get",
  "-q",
  "-y",
  "-o",
  "DPkg::Lock::Timeout=1",
  "-o",
  "Dpkg::Options::=--force-confold",
  "-o",
  "APT::Install-Recommends=false",
] as const;

const apt = (label: string, [command = "", ...rest]: readonly string[], timeout = DOWNLOAD_TIMEOUT): Step =>
  run(label, [...APT_GET, command, ...rest], timeout);

const DNF = ["env", "LC_ALL=C", "dnf", "-y", "--setopt=install_weak_deps=False"] as const;

/** dnf waits for its lock itself. */
const dnf = (label: string, packages: readonly string[], options: readonly string[] = []): Step =>
  run(label, [...DNF, ...options, "install", ...packages], DOWNLOAD_TIMEOUT);

/**
 * $1 URL, $2 fingerprint, $3 file of the key. A new Debian may have neither curl nor wget, but apt has a helper that also uses apt's
 * proxy settings. The download goes into a temporary keyring, and only the pinned key is exported from it: other keys are not trusted.
 */
const KEY = `
set -e
umask 022
address=$1 fingerprint=$2 file=$3 helper=/usr/lib/apt/apt-helper
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
if [ -x "$helper" ]; then "$helper" download-file "$address" "$work/key" >&2
else curl --fail --silent --show-error --location --output "$work/key" "$address"; fi
keys() { gpg --homedir "$work" --batch --no-autostart --quiet "$@"; }
keys --import "$work/key"
keys --export "$fingerprint" > "$work/pinned" 2>/dev/null || true
if ! [ -s "$work/pinned" ]; then
  keys --with-colons --list-keys | awk -F: '$1 == "pub" { main = 1 } $1 == "fpr" && main { print $10; main = 0 }'
  exit ${OTHER_KEY}
fi
mkdir -p "$(dirname "$file")"
install -m 0644 "$work/pinned" "$file.new"
mv -f -- "$file.new" "$file"
`;

const key = (address: string, fingerprint: string, file: string): Step =>
  run("check the key of Docker's repository", ["sh", "-c", KEY, "slipway-key", address, fingerprint, file], KEY_TIMEOUT);
