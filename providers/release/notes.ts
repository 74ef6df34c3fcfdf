import type { ReleaseInputs } from "./inputs.ts";

/**
 * What a plan says of how the config was made, a line each: what Kamal's file has in another form or by another default. Once: not what the
 * last release has shown.
 */
export function noteLines({ __notes: notes = [] }: ReleaseInputs, before: Pick<ReleaseInputs, "__notes"> | undefined): string[] {
  const shown = new Set(before?.__notes);
  const news = notes.filter((note) => !shown.has(note));
  return news.length === 0
    ? []
    : ["  from Kamal's file, in another form or by another default:", ...news.map((note) => `    ${note}`)];
}
