/** A line of a file, as messages name it. */
export interface Place {
  /** From the app's folder: `config/deploy.yml`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** @example placeText({ file: "config/deploy.yml", line: 12 }) // "config/deploy.yml:12" */
export const placeText = ({ file, line }: Place): string => `${file}:${line}`;
