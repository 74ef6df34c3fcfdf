import { HOSTS } from "./fleet.ts";

/** One of several runs that share the cells between them, each on hosts of its own. */
export interface Shard {
  readonly nth: number;
  readonly of: number;
}

/** @example parseShard("1/2") */
export function parseShard(text: string): Shard {
  const [nth = 0, of = 0] = text.split("/").map(Number);
  if (!(nth >= 1 && nth <= of && Number.isInteger(nth) && Number.isInteger(of))) throw new Error(`no shard ${text}: write 1/2`);
  return { nth, of };
}

/** The lab hosts of a shard: `fr-1` …, `fs-1` …, `ft-1` … */
export const hostsOf = ({ nth }: Shard): string[] => {
  const letter = String.fromCharCode("r".charCodeAt(0) + nth - 1);
  return HOSTS.map((name) => name.replace("fr", `f${letter}`));
};

/** Its part of the cells, which all shards have in the same order. Neighbours cost the same, so all get equal work. */
export const partOf = <T>(cells: readonly T[], { nth, of }: Shard): T[] => cells.filter((_cell, at) => at % of === nth - 1);
