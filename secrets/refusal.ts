/** Why a source cannot give a value, and what to do: one sentence that follows the place of the source. Never a value. */
export class Refusal extends Error {}
