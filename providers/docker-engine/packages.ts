import type { Seconds } from "../../core/words.ts";
import type { Distribution } from "./distribution.ts";
import type { DockerEngineInputs, Source } from "./inputs.ts";

/** One thing to do on a host as root. */
export type Step =
  | {
      readonly does: "run";
      /** As the row shows it: `apt-get update`. */
      readonly says: string;
      readonly argv: readonly string[];
      readonly within: Seconds;
    }
  | { readonly does: "write"; readonly says: string; readonly path: string; readonly content: string };

/** Where packages come from, decided. */
export type From = { readonly source: "distribution" } | ({ readonly source: "docker" } & Repository);

interface Repository {
  readonly base: string;
  readonly fingerprint: string;
  readonly version: string | undefined;
  /** A file of the host that names this repository already, and not by our doing: it is used as it is. */
  readonly known: string | undefined;
}

const DOCKER = "https://download.docker.com";
const FINGERPRINTS = {
  apt: "9DC858229FC7DD38854AE2D88D81803C0EBFCD88",
  dnf: "060A61C51B558A7F742B77AAC52FEB6B621E9F35",
} as const;

/** A mirror on the other side of the world, and 150 MB of packages. */
const DOWNLOAD: Seconds = 600;
const LISTS: Seconds = 300;
const QUICK: Seconds = 60;

/** The exit code of the key's script for a key that is not the pinned one. */
export const OTHER_KEY = 9;

export const repositoryBase = ({ mirror }: Pick<DockerEngineInputs, "mirror">): string => mirror ?? DOCKER;

/** @param known see `Repository` */
export function fromWhere(
  { source, version, mirror, fingerprint }: Pick<DockerEngineInputs, "source" | "version" | "mirror" | "fingerprint">,
  { manager, usual }: Distribution,
  known: string | undefined,
): From {
  // A distribution has one version, and no mirror of Docker's repository.
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

/** What brings Docker to a host, or a newer one, in order. */
export const installSteps = (distribution: Distribution, from: From): Step[] =>
  distribution.manager === "apt" ? aptSteps(distribution, from) : dnfSteps(distribution, from);

/** What ends a package change that was cut off half-way, as a reboot does; apt refuses all else before. */
export const finishInterrupted: Step = {
  does: "run",
  says: "finish the package change that was cut off",
  argv: ["env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--force-confold", "--configure", "-a"],
  within: DOWNLOAD,
};

function aptSteps({ own, folder, suite = "" }: Distribution, from: From): Step[] {
  const update = apt("apt-get update", ["update"], LISTS);
  if (from.source === "distribution") return [update, apt(`install ${own.join(" ")}`, ["install", ...own, "ca-certificates"])];
  const { base, fingerprint, version, known } = from;
  const engine = PACKAGES.map((name) =>
    version === undefined || name === "containerd.io" ? name : `${name}=${aptVersion(version)}`,
  );
  const install = apt(`install ${engine.join(" ")}`, ["install", ...engine]);
  if (known !== undefined) return [update, install];
  return [
    update,
    // `--no-upgrade`: what is there is not touched.
    apt("install ca-certificates gpg", ["install", "--no-upgrade", "ca-certificates", "gpg"]),
    key(`${base}/linux/${folder}/gpg`, fingerprint, APT_KEY),
    { does: "write", says: "write Docker's repository", path: APT_SOURCE, content: aptSource(`${base}/linux/${folder}`, suite) },
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
  const install = dnf(`install ${engine.join(" ")}`, engine);
  if (known !== undefined) return [install];
  return [
    dnf("install ca-certificates curl gnupg2", ["ca-certificates", "/usr/bin/curl", "gnupg2"]),
    key(`${base}/linux/${folder}/gpg`, fingerprint, DNF_KEY),
    { does: "write", says: "write Docker's repository", path: DNF_SOURCE, content: dnfSource(`${base}/linux/${folder}`) },
    install,
  ];
}

const PACKAGES = ["docker-ce", "docker-ce-cli", "containerd.io"] as const;
const APT_KEY = "/etc/apt/keyrings/slipway-docker.gpg";
const APT_SOURCE = "/etc/apt/sources.list.d/slipway-docker.sources";
const DNF_KEY = "/etc/pki/rpm-gpg/slipway-docker";
const DNF_SOURCE = "/etc/yum.repos.d/slipway-docker.repo";

/** What is ours among the files that name a repository. */
export const OWN_SOURCES = [APT_SOURCE, DNF_SOURCE] as const;

/** `28.3` is the newest 28.3.x; Docker's packages for apt count their epoch. */
const aptVersion = (version: string): string => `5:${version}${isWhole(version) ? "-" : "."}*`;
const dnfVersion = (version: string): string => `${version}${isWhole(version) ? "-" : "."}*`;
const isWhole = (version: string): boolean => version.split(".").length > 2;

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

const run = (says: string, argv: readonly string[], within: Seconds): Step => ({ does: "run", says, argv, within });

/**
 * Nobody is asked; edited configuration stays; other services are not restarted by needrestart; the lock is waited for in short turns,
 * so that we can say who has it.
 */
const apt = (says: string, [command = "", ...rest]: readonly string[], within = DOWNLOAD): Step =>
  run(
    says,
    [
      ...["env", "DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_SUSPEND=1", "LC_ALL=C", "apt-get", "-q", "-y"],
      ...["-o", "DPkg::Lock::Timeout=1", "-o", "Dpkg::Options::=--force-confold", "-o", "APT::Install-Recommends=false"],
      ...[command, ...rest],
    ],
    within,
  );

/** dnf waits for its lock by itself. */
const dnf = (says: string, packages: readonly string[]): Step =>
  run(says, ["env", "LC_ALL=C", "dnf", "-y", "--setopt=install_weak_deps=False", "install", ...packages], DOWNLOAD);

/**
 * $1 address, $2 fingerprint, $3 file of the key. A fresh Debian need not have curl or wget, but apt brings a helper, which knows
 * apt's own proxy settings, too. A keyring that lasts as long as this script takes in what comes, and gives out the pinned key alone:
 * what else is in the file is not trusted.
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
  run("check the key of Docker's repository", ["sh", "-c", KEY, "slipway-key", address, fingerprint, file], QUICK);
