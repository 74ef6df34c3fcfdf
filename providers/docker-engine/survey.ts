import { wordLines } from "../../core/text.ts";
import { type Host, SUDO } from "../../hosts/index.ts";
import { type OsRelease, parseOsRelease } from "./distribution.ts";
import { OWN_SOURCES } from "./packages.ts";

/** What must be known of a host before Docker is changed on it. Observed only then. */
export interface Survey {
  readonly release: OsRelease;
  /** Prefix of commands that need root; absent if this user cannot become root. */
  readonly under: readonly string[] | undefined;
  /** The user's groups as of now; our connection may be older. */
  readonly groups: readonly string[];
  /** A package change was interrupted. */
  readonly interrupted: boolean;
  /** A file, not ours, that already names the repository. */
  readonly repository: string | undefined;
}

/** $1 user, $2 URL of the repository, then our own repository files. */
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
