/** In the environment of a run: the command that has started it, which `KAMAL_COMMAND` has. */
export const COMMAND_VARIABLE = "SLIPWAY_COMMAND";
