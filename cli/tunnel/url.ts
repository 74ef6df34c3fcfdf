import { PRESETS } from "../../core/accessory/preset.ts";
import { loginIn, urlOf as serverUrl } from "../../core/accessory/url.ts";
import type { DeclaredAccessory } from "../stack/accessories.ts";
import { SECRET } from "../stack/checkpoint.ts";

const LOOPBACK = "127.0.0.1";

/**
 * The URL of an accessory on this machine, ready to paste: `postgres://app@127.0.0.1:5433/shop`. It has no password, because Slipway
 * does not know it here. A user or database name that is a secret is left out as well.
 *
 * @param port on this machine @param to in the container
 */
export function urlOf({ preset, containerPort, env, secretEnv }: UrlParts, port: number, to: number): string {
  // A different port of the container may use a different protocol.
  const own = preset !== undefined && to === (containerPort ?? PRESETS[preset].port);
  if (!own) return `${LOOPBACK}:${port}`;
  const login = loginIn(preset, (name) => {
    if (name in secretEnv || env[name] === SECRET) return { value: "", isSecret: true };
    const value = env[name] ?? "";
    return value === "" ? undefined : { value, isSecret: false };
  });
  return serverUrl({ ...login, password: "" }, LOOPBACK, port);
}

type UrlParts = Pick<DeclaredAccessory, "preset" | "containerPort" | "env" | "secretEnv">;
