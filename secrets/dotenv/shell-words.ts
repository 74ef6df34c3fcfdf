/** A piece of a word: text, or a variable in it. */
export type WordPart = { readonly kind: "text"; readonly text: string } | { readonly kind: "variable"; readonly name: string };

/** Word after word as its parts. */
export type Words = readonly (readonly WordPart[])[];

/**
 * The words of a command that has nothing for a shell to do but quotes and variables; `undefined` if it has: pipes, redirections, globs,
 * other commands.
 *
 * @example shellWords("kamal secrets extract TOKEN $SECRETS")
 */
export function shellWords(command: string): Words | undefined {
  const words: WordPart[][] = [];
  let word: WordPart[] | undefined;
  let quote: string | undefined;
  const add = (part: WordPart) => {
    if (word === undefined) {
      word = [];
      words.push(word);
    }
    word.push(part);
  };
  for (let at = 0; at < command.length; at++) {
    const char = command.charAt(at);
    const variable = quote === "'" ? undefined : /^\$(?:(\w+)|\{(\w+)\})/.exec(command.slice(at));
    if (variable != null) {
      add({ kind: "variable", name: variable[1] ?? variable[2] ?? "" });
      at += variable[0].length - 1;
    } else if (quote !== undefined && char === quote) quote = undefined;
    else if (quote === undefined && (char === "'" || char === '"')) {
      quote = char;
      add({ kind: "text", text: "" });
    } else if (char === "\\" && quote !== "'") {
      at++;
      // A line that goes on.
      if (command[at] !== "\n") add({ kind: "text", text: command.charAt(at) });
    } else if (quote !== "'" && /[`$]/.test(char)) return undefined;
    else if (quote === undefined && /[|&;<>()*?\n#~]/.test(char)) return undefined;
    else if (quote === undefined && /\s/.test(char)) word = undefined;
    else add({ kind: "text", text: char });
  }
  return quote === undefined ? words : undefined;
}
