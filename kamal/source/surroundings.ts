/** What Kamal's files may ask of the machine that reads them. A test gives other answers. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file, by its path from the app's folder; `undefined`: there is no such file. */
  readonly readFile: (path: string) => string | undefined;
  /**
   * The files in a folder and below it, by their paths from there, sorted; `undefined`: there is no such folder. None of a folder with very
   * many.
   */
  readonly filesIn: (path: string) => readonly string[] | undefined;
  /** What `git` prints, without the last line break; `undefined`: it fails. */
  readonly git: (args: readonly string[]) => string | undefined;
}
