/** Whether a text is a complete version number: `v0.9.2`. */
export const isVersion = (text: string): boolean => /^v?\d+\.\d+\.\d+$/.test(text);

/**
 * Whether a version is older than another. Only the numbers that `wanted` has are compared, and nothing behind them.
 *
 * @example isOlder("26.1.5+dfsg1", "28") // true
 * @example isOlder("28.3.2", "28.3") // false
 */
export function isOlder(found: string, wanted: string): boolean {
  const has = numbersOf(found);
  const difference = numbersOf(wanted)
    .map((number, at) => (has[at] ?? 0) - number)
    .find((each) => each !== 0);
  return difference !== undefined && difference < 0;
}

const numbersOf = (version: string): number[] => (/^v?(\d+(?:\.\d+)*)/.exec(version)?.[1] ?? "0").split(".").map(Number);
