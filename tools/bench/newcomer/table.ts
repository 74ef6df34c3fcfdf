import { plural } from "../target.ts";
import type { NewcomerRow } from "./result.ts";

/** One row, and its phases. */
export function newcomerBlock({ rounds, first_answer_s, wall_s, phases }: NewcomerRow): string[] {
  const parts = phases.map(({ phase, from_s, to_s }) => `${phase} ${(to_s - from_s).toFixed(2)}`);
  return [
    `from a folder with a Dockerfile to the first answer, ${plural(1)} without Docker, ${rounds} rounds   ${first_answer_s.toFixed(2)} s, the command ${wall_s.toFixed(2)} s`,
    `of it: ${parts.join(" · ")}`,
  ];
}
