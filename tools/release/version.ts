/** The version of a release. There are no pre-releases: npm would install one for everybody who does not name a version. */
const VERSION = /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)$/;

/**
 * Why a version cannot be released; undefined: it can.
 *
 * @param current that of package.json
 * @param released the newest one in CHANGELOG.md; undefined before the first release, when package.json has the version that it will be
 */
export function refusedVersion(version: string, current: string, released: string | undefined): string | undefined {
  if (!VERSION.test(version)) return `${version} is not a version: three numbers, such as 0.2.0`;
  if (released !== undefined && !isNewer(version, released)) return `${version} is not newer than ${released}, the last release`;
  return isNewer(current, version) ? `${version} is older than ${current} in package.json` : undefined;
}

function isNewer(version: string, than: string): boolean {
  const parts = than.split(".").map(Number);
  const differing = version
    .split(".")
    .map((part, at) => Number(part) - (parts[at] ?? 0))
    .find((difference) => difference !== 0);
  return differing !== undefined && differing > 0;
}
