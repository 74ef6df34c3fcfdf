/** As many at a time as a machine and a store bear. */
const AT_ONCE = 4;

/** Does the same for each, a few at a time; the results are in their order. Rejects like the first that does, and begins no further one. */
export async function inTurns<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < all.length && !failed; at = next++) {
      try {
        results[at] = await work(all[at] as T);
      } catch (thrown) {
        failed = true;
        throw thrown;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, all.length) }, worker));
  return results;
}
