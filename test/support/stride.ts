/** A run that dies at each of its steps takes minutes, and the fault matrix has them all: `SLIPWAY_EVERY_STEP=1` takes every step here, too. */
export const STRIDE = process.env.SLIPWAY_EVERY_STEP === "1" ? 1 : 3;
