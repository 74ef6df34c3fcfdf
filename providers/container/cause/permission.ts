import type { Rule } from "./rule.ts";

/** The path, in the words of Node, Python, Ruby, Go, coreutils, Java. */
const DENIED: readonly RegExp[] = [
  /EACCES: permission denied, \w+ '([^']+)'/,
  /Permission denied: '([^']+)'/,
  /Permission denied @ \w+ - (\/\S+)/,
  /(?:open|mkdir|stat|unlink|rename|chmod) (\/\S+): permission denied/i,
  /cannot (?:create|open|touch|access|remove)[^'"‘/]*['"‘]?(\/[^'"’:]+)['"’]?: Permission denied/,
  /AccessDeniedException: (\/\S+)/,
  /(\/[\w./-]+): Permission denied/,
];
const READ_ONLY = /(?:EROFS|[Rr]ead-only file system)/;
const A_PATH = /['"‘\s](\/[\w./-]+)/;

/** It may not write where it has to: usually to a volume that belongs to root, as a user of its own. */
export const missingPermission: Rule = (seen, { settings, options, login }) => {
  const text = seen.lines.toReversed();
  const frozen = text.find((line) => READ_ONLY.test(line));
  const locked = frozen === undefined ? undefined : A_PATH.exec(frozen)?.[1];
  if (locked !== undefined && settings.at([...options, "read_only"]) === true) {
    const folder = locked.replace(/\/[^/]*$/, "") || locked;
    const listed = settings.at([...options, "tmpfs"]);
    const at = Array.isArray(listed) ? listed.length : 0;
    return {
      what: `it writes to ${locked}, and its file system is read-only`,
      remedy: settings.set({ path: [...options, "tmpfs", at], value: folder }),
    };
  }
  const path = deniedIn(text);
  if (path === undefined) return undefined;
  const user = seen.user || "root";
  const what = `it runs as ${user}, who may not write to ${path}`;
  const mount = seen.mounts?.find(({ target }) => path === target || path.startsWith(`${target}/`));
  if (mount === undefined || user === "root")
    return { what, remedy: { words: `let the Dockerfile give ${path} to ${user}, or mount a volume there (slipway:volumes)` } };
  if (mount.readOnly) return { what, remedy: { words: `mount ${mount.target} without :ro` } };
  const give = `docker run --rm --user 0 --entrypoint chown --volume ${mount.source}:${mount.target} ${seen.image ?? "IMAGE"} -R ${user} ${mount.target}`;
  return { what: `${what}: ${mount.source} is not theirs`, remedy: { type: `ssh ${login} ${give}` } };
};

function deniedIn(lines: readonly string[]): string | undefined {
  for (const line of lines)
    for (const pattern of DENIED) {
      const path = pattern.exec(line)?.[1];
      if (path?.startsWith("/")) return path.replace(/[.,;]$/, "");
    }
  return undefined;
}
