import { wordLines } from "../../core/text.ts";
import { type Host, SUDO } from "../../hosts/index.ts";
import { type OsRelease, parseOsRelease } from "./distribution.ts";
import { OWN_SOURCES } from "./packages.ts";

/** What must be known of a host before something is done to it. Looked at only then. */
export interface Survey {
  readonly release: OsRelease;
  /** What a command of root's runs under; absent where this user cannot be root. */
  readonly under: readonly string[] | undefined;
  /** Groups of the user as the host would give them now; the connection may be older. */
  readonly groups: readonly string[];
  /** A package change was cut off half-way. */
  readonly interrupted: boolean;
  /** A file that names the repository already, not ours. */
  readonly repository: string | undefined;
}

/** $1 user, $2 address of the repository; the files that are ours follow. */
const SURVEY = `
user=$1 address=$2; shift 2
[ "$(id -u)" -eq 0 ] && echo "rights root"
sudo -n true >/dev/null 2>&1 && echo "rights sudo"
echo "groups $(id -nG -- "$user")"
[ -n "$(ls -A /var/lib/dpkg/updates 2>/dev/null)" ] && echo "interrupted yes"
for file in $(grep -rlF -- "$address" /etc/apt/sources.list /etc/apt/sources.list.d /etc/yum.repos.d 2>/dev/null); do
  for own do [ "$file" = "$own" ] && continue 2; done
  grep -F -- "$address" "$file" | grep -qv '^[[:space:]]*#' || continue
  echo "repository $file"
done
sed 's/^/release /' /etc/os-release
`;

export async function survey(host: Host, repository: string): Promise<Survey> {
  const { user } = host.address;
  const { stdout } = await host.run(["sh", "-c", SURVEY, "slipway-survey", user, repository, ...OWN_SOURCES]);
  return parseSurvey(stdout);
}

/** Pure part of `survey`. */
export function parseSurvey(text: string): Survey {
  const all = wordLines(text);
  const rights = all("rights");
  return {
    release: parseOsRelease(all("release").join("\n")),
    under: rights.includes("root") ? [] : rights.includes("sudo") ? SUDO : undefined,
    groups: all("groups")
      .join(" ")
      .split(/\s+/)
      .filter((group) => group !== ""),
    interrupted: all("interrupted").length > 0,
    repository: all("repository")[0],
  };
}
