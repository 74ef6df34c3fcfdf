const MASKED = "[secret]";
/** A shorter value is likely to be part of other words. */
const SHORTEST = 8;

/** Replaces the secrets that it knows in texts that a person or a log sees. */
export class Mask {
  readonly #known = new Set<string>();
  /** Longest first: one secret may be part of another. */
  #values: readonly string[] = [];

  constructor(secrets: Iterable<string> = []) {
    this.learn(secrets);
  }

  /** Values of fewer than 8 characters are not replaced. */
  learn(secrets: Iterable<string>): void {
    const before = this.#known.size;
    for (const value of secrets) {
      // A key of several lines may be printed with something before each of them.
      const written = [value.trim(), ...value.split("\n").map((line) => line.trim()), Buffer.from(value).toString("base64")];
      for (const form of written) if (form.length >= SHORTEST) this.#known.add(form);
    }
    if (this.#known.size > before) this.#values = [...this.#known].sort((a, b) => b.length - a.length);
  }

  /**
   * The text with `[secret]` instead of each.
   *
   * @example new Mask(["sk_live_4711"]).hide("login with sk_live_4711") // "login with [secret]"
   */
  hide(text: string): string {
    return this.#values.reduce((masked, value) => masked.replaceAll(value, MASKED), text);
  }
}
