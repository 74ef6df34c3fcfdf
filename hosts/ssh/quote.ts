const PLAIN = /^[A-Za-z0-9_/:.,@+-]+$/;

/**
 * The command line for the POSIX shell at the other end of an SSH channel. The only place that builds shell text from arguments.
 *
 * @example quote(["echo", "it's"]) // echo 'it'\''s'
 */
export const quote = (argv: readonly string[]): string => argv.map(quoted).join(" ");

function quoted(word: string): string {
  if (word.includes("\0")) throw new Error("a command argument cannot carry a NUL byte");
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
