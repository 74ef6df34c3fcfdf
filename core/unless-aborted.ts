/**
 * Settles like `work`, or like `aborted()` if the signal comes first. A rejection of `work` after that is not reported.
 *
 * @example await unlessAborted(answer, signal, () => undefined)
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, aborted: () => T): Promise<T> {
  work.catch(() => {});
  if (signal.aborted) return aborted();
  const came = Promise.withResolvers<"aborted">();
  const stop = () => came.resolve("aborted");
  signal.addEventListener("abort", stop, { once: true });
  try {
    const first = await Promise.race([work.then((value) => ({ value })), came.promise]);
    return first === "aborted" ? aborted() : first.value;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
