/** Merges sorted streams into one; it holds one item of each. Equal items keep the order of the streams. */
export async function* merged<T extends { readonly at: string }>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  const readers = sources.map((source) => source[Symbol.asyncIterator]());
  try {
    const heads = await Promise.all(readers.map((reader) => reader.next()));
    for (;;) {
      let first: number | undefined;
      for (const [at, head] of heads.entries()) {
        const best = first === undefined ? undefined : heads[first];
        if (!head.done && (best === undefined || best.done || head.value.at < best.value.at)) first = at;
      }
      const head = first === undefined ? undefined : heads[first];
      if (first === undefined || head === undefined || head.done) return;
      yield head.value;
      const next = await readers[first]?.next();
      if (next !== undefined) heads[first] = next;
    }
  } finally {
    await Promise.all(readers.map((reader) => reader.return?.(undefined)));
  }
}

/** The last items of a stream, in order; all of them without a count. */
export async function* lastOf<T>(items: AsyncIterable<T>, count: number | undefined): AsyncGenerator<T> {
  if (count === undefined) return yield* items;
  const kept: T[] = [];
  for await (const item of items) {
    kept.push(item);
    // Not for every item: removing the first one moves all others.
    if (kept.length > count * 2 + 1000) kept.splice(0, kept.length - count);
  }
  yield* count === 0 ? [] : kept.slice(-count);
}
