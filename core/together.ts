/**
 * Runs the same step for many, side by side. The first failure aborts the signal, so that the others need not wait for what no
 * longer matters; it is thrown when all have ended.
 */
export async function together<T, R>(items: readonly T[], step: (item: T, givenUp: AbortSignal) => Promise<R>): Promise<R[]> {
  const stop = new AbortController();
  const results = await Promise.allSettled(
    items.map((item) =>
      step(item, stop.signal).catch((thrown: unknown) => {
        stop.abort(thrown);
        throw thrown;
      }),
    ),
  );
  stop.signal.throwIfAborted();
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}
