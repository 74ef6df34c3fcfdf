import type { StackConfig } from "../../project/stack-config.ts";
import type { Keys } from "../container/cause/rule.ts";
import { type SettingPath, Settings } from "../container/settings.ts";
import type { AccessoryInputs } from "./inputs.ts";

/** Where the config says what the container of an accessory is. Pure. */
export function keysOf(inputs: AccessoryInputs, config: StackConfig | undefined): Keys {
  const own: SettingPath = ["accessories", inputs.accessory];
  const check: SettingPath = [...own, "healthcheck"];
  const { user, address } = inputs.host;
  return {
    settings: new Settings(inputs.stack, config),
    ...(inputs.ready.by === "http" ? { port: [...check, "port"], path: [...check, "path"], host: [...check, "host"] } : {}),
    env: [...own, "env"],
    options: [...own, "options"],
    command: [...own, "cmd"],
    clear: inputs.env,
    secret: Object.keys(inputs.secretEnv),
    names: [],
    login: `${user}@${address}`,
  };
}
