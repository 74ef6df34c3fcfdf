/** The command as it was typed, without its arguments: set by the commands that start the engine, for the journals of hosts. */
export const COMMAND_VARIABLE = "SLIPWAY_COMMAND";
