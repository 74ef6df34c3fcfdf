/** Set to 1, it makes runs and commands pass over freezes, and the journal says so: as an option, `--despite-freeze`. */
export const DESPITE_FREEZE = "SLIPWAY_DESPITE_FREEZE";

/** Whether this process obeys freezes. @example freezeIn({ SLIPWAY_DESPITE_FREEZE: "1" }) // "pass" */
export const freezeIn = (env: NodeJS.ProcessEnv): "obey" | "pass" =>
  ["", "0", "false", undefined].includes(env[DESPITE_FREEZE]) ? "obey" : "pass";
