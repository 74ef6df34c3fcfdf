import { SlipwayError } from "../../../core/error.ts";

/** The story with which `work` is refused. */
export async function refusal(work: Promise<unknown>): Promise<SlipwayError["story"]> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SlipwayError)) throw new Error("expected a SlipwayError", { cause: error });
  return error.story;
}
