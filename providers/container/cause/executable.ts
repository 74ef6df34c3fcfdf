import type { Rule } from "./rule.ts";

/** In Docker's words, a shell's, and env's. */
const NOT_FOUND: readonly RegExp[] = [
  /exec:? "?([^":\s]+)"?: (?:executable file not found in \$PATH|stat \S+ no such file or directory|no such file or directory|not found)/,
  /(?:^|\/)(?:ba|da|a)?sh: (?:(?:line )?\d+: )?(?:exec: )?([^:\s]+): (?:command )?not found/,
  /^(?:\/usr\/bin\/)?env: [‘'"]?([^’'":]+)[’'"]?: No such file or directory/,
];
const NOT_EXECUTABLE =
  /(?:exec:? "?([^":\s]+)"?: permission denied|sh: (?:(?:line )?\d+: )?(?:exec: )?([^:\s]+): Permission denied)/;
const NO_FORMAT = /exec format error/i;

/** The command of the container is missing in its image, is not executable there, or is for another CPU. */
export const missingProgram: Rule = ({ lines, arch }, { settings, command }) => {
  const text = lines.toReversed();
  if (text.some((line) => NO_FORMAT.test(line)))
    return {
      what: `its program is not one for this CPU${arch === undefined || arch === "" ? "" : ` (linux/${arch})`}`,
      hints: [
        "the usual reasons: the Dockerfile copies a file that was built on another machine (GOARCH, npm install outside of it),",
        "FROM names another platform, or a script has no first line such as #!/bin/sh",
      ],
      remedy: { words: `build the program for linux/${arch || "the host's CPU"} in the Dockerfile` },
    };
  const found = first(text, NOT_FOUND);
  const key = `slipway:${command.join(".")}`;
  const written = settings.at(command) !== undefined;
  if (found !== undefined)
    return {
      what: `the image has no program ${found}`,
      remedy: { words: written ? `correct ${key}, or add ${found} to the image` : `add ${found} to the image, or set ${key}` },
    };
  const locked = first(text, [NOT_EXECUTABLE]);
  if (locked === undefined) return undefined;
  return {
    what: `${locked} is not executable in the image`,
    remedy: { words: `make it executable where it is copied from (chmod +x ${locked}), and build the image again` },
  };
};

function first(lines: readonly string[], patterns: readonly RegExp[]): string | undefined {
  for (const line of lines)
    for (const pattern of patterns) {
      const name = pattern.exec(line)?.slice(1).find(Boolean);
      if (name !== undefined) return name;
    }
  return undefined;
}
