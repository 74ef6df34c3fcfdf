/** What the sources of `slipway:secrets_from` answered. Contains values in plain text. */
export interface Answers {
  /** Of the names that were asked for. */
  readonly values: Readonly<Record<string, Answer>>;
  /** Why a source has no value of a name, where it can say: `.env:3 takes it from $TOKEN, which is not set`. */
  readonly hints: Readonly<Record<string, string>>;
  readonly faults: readonly Fault[];
}

export interface Answer {
  readonly value: string;
  /** Which of the sources it is from. */
  readonly source: number;
}

/** Why a source could not be asked, with what to do. Never a value. */
export interface Fault {
  readonly source: number;
  readonly message: string;
}

export const NO_ANSWERS: Answers = { values: {}, hints: {}, faults: [] };
