import type { Rule } from "./rule.ts";

/** SIGKILL: from the kernel when memory ran out, or from a user. */
const KILLED = 137;
const MEBIBYTE = 2 ** 20;

/** Twice its limit is the next try: how much it needed is not recorded. */
export const memory: Rule = ({ ended }, { settings, options }) => {
  if (ended === undefined || !(ended.oomKilled || (ended.code === KILLED && ended.memoryLimit > 0))) return undefined;
  if (ended.memoryLimit === 0) return { remedy: { words: "take a server with more memory, or move something to another one" } };
  const twice = `${Math.ceil((2 * ended.memoryLimit) / MEBIBYTE)}m`;
  const swap = [...options, "memory_swap"];
  // Docker refuses less memory with swap than without.
  const also = settings.at(swap) === undefined ? [] : [{ path: swap, value: twice }];
  return { remedy: settings.set({ path: [...options, "memory"], value: twice }, ...also) };
};
