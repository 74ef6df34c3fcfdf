/**
 * What a script of ours tells of a host: each line begins with a word that says what it is about, so that a line speaks for itself.
 *
 * @example wordLines("group docker\ngroup sudo\nuid 0")("group") // ["docker", "sudo"]
 */
export function wordLines(text: string): (word: string) => string[] {
  const lines = text.split("\n");
  return (word) => lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
}
