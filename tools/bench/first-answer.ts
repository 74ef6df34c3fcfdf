import { get } from "node:http";
import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";

/**
 * Resolves when the app on a server answers with 200.
 *
 * @param address of the server; `undefined` until it has one
 * @param given ends the waiting
 */
export const firstAnswer = (address: () => string | undefined, patience: Seconds, given?: AbortSignal): Promise<true> =>
  Deadline.in(patience).until(
    async () => {
      given?.throwIfAborted();
      const there = address();
      return there !== undefined && (await answers(`http://${there}/version`)) ? true : undefined;
    },
    () => new Error("the app never answered"),
  );

const answers = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = get(url, { timeout: 500 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(false));
  });
