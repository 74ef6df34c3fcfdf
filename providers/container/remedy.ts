import { shortName } from "../../project/place.ts";

/** What to do about a failure: a command line to type as it is, or words. */
export type Remedy = { readonly type: string } | { readonly words: string };

/**
 * The next step: the remedy, and then another run.
 *
 * @param stack `shop/production`
 * @example thenUp({ words: "start it" }, "shop/production") // "start it, then run pulumi up again"
 */
export const thenUp = (remedy: Remedy, stack: string): string =>
  "type" in remedy ? `${remedy.type} && pulumi up --stack ${shortName(stack)}` : `${remedy.words}, then run pulumi up again`;
