/** How a value of `env.clear` reaches the container, and what may be in it. */

/**
 * Kamal passes clear values through a shell of the host in double quotes, after Ruby's `dump`: what that changes is changed here, too.
 *
 * @example throughShell("a\nb") // "a\\nb"
 */
export function throughShell(text: string): string {
  return [...text]
    .map((char) => (ESCAPED[char] === undefined ? char : `\\${ESCAPED[char]}`))
    .join("")
    .replace(/#(?=[{$@])/g, "\\#");
}

const ESCAPED: Readonly<Record<string, string>> = {
  "\n": "n",
  "\r": "r",
  "\t": "t",
  "\f": "f",
  "\v": "v",
  "\b": "b",
  "\u0007": "a",
  "\u001b": "e",
};

/** `${NAME}`, which the host's shell fills: in Kamal's quotes it is the only form that it sees. */
export const variableIn = (text: string): string | undefined => /\$\{[^}]*\}/.exec(text)?.[0];

const SECRET_NAME =
  /(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|(?:API|ACCESS|PRIVATE|SECRET|MASTER|ENCRYPTION|LICENSE|AUTH)_?KEY(?:_BASE)?|DSN)$/i;

/** Whether a variable of this name and value is to be kept secret. A path and a switch are not. */
export function isSecret(name: string, text: string): boolean {
  if (/^[a-z][a-z0-9+.:-]*:\/\/[^/\s@]*:[^/\s@]+@/i.test(text)) return true;
  return SECRET_NAME.test(name) && text !== "" && !/^(?:true|false|\/.*)$/i.test(text);
}
