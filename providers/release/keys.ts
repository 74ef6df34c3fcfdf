import { isMap } from "../../core/values.ts";
import type { HostName, RoleName } from "../../core/words.ts";
import type { StackConfig } from "../../project/stack-config.ts";
import type { Keys } from "../container/cause/rule.ts";
import { type SettingPath, Settings } from "../container/settings.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { type Place, places } from "./places.ts";

/** Where the config says what a container of the release is; `undefined` for one that it does not declare. Pure. */
export function keysOf(
  inputs: ReleaseInputs,
  { host, container }: { readonly host: HostName; readonly container: string | undefined },
  config: StackConfig | undefined,
): Keys | undefined {
  const place = places(inputs).find((one) => one.host === host && one.container === container);
  return place && keysIn(inputs, place, config);
}

/** The same for a place. */
export function keysIn(inputs: ReleaseInputs, { role, host, spec }: Place, config: StackConfig | undefined): Keys {
  const settings = new Settings(inputs.stack, config);
  const own: SettingPath = ["servers", role];
  const { user, address } = inputs.hosts[host] ?? { user: "root", address: host };
  const common = {
    settings,
    env: ["env"],
    options: [...own, "options"],
    command: [...own, "cmd"],
    clear: spec.env,
    secret: Object.keys(spec.secretEnv),
    names: spec.proxy?.hosts ?? [],
    login: `${user}@${address}`,
  };
  if (spec.ready.by === "http") return { ...common, ...checkKeys([...own, "healthcheck"]) };
  if (spec.proxy === undefined) return common;
  const route = routeHome(inputs, role, settings);
  const check = checkKeys([...route, "healthcheck"]);
  // Without a port of its own, the check asks the app's.
  return { ...common, ...check, ...(spec.proxy.healthcheck.port === undefined ? { port: [...route, "app_port"] } : {}) };
}

const checkKeys = (check: SettingPath) => ({ port: [...check, "port"], path: [...check, "path"], host: [...check, "host"] });

/** A role's own route is over the root's, which several roles share. */
function routeHome({ roles }: ReleaseInputs, role: RoleName, settings: Settings): SettingPath {
  const own: SettingPath = ["servers", role, "proxy"];
  const shared = Object.values(roles).filter(({ proxy }) => proxy !== undefined).length > 1;
  return isMap(settings.at(own)) || shared ? own : ["proxy"];
}
