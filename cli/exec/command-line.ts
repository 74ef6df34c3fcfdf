/**
 * What is run: the words as they are, or through a shell where a whole command line is one word, as in `exec "bin/rails db:migrate"`.
 * No name of a program is expected to have a space in it. Pure.
 */
export const programOf = (words: readonly string[]): readonly string[] => {
  const [line, ...others] = words;
  return line !== undefined && others.length === 0 && /\s/.test(line.trim()) ? ["sh", "-c", line] : words;
};
