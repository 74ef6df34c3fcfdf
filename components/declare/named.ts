import type { Accessory, Config } from "../../config/index.ts";

/** The accessory of that name, which the config has. */
export function named({ accessories }: Config, name: string): Accessory {
  const found = accessories.find((accessory) => accessory.name === name);
  if (found === undefined) throw new TypeError(`no accessory ${name}`);
  return found;
}
