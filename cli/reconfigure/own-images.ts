import type { NamedImage } from "../../core/release/named-image.ts";
import { parseJson } from "../../core/text.ts";
import { isMap } from "../../core/values.ts";
import type { RoleName } from "../../core/words.ts";
import type { ConfigValue } from "../../project/config-values.ts";

/** A part of a config, as it is written. */
export type Written = Readonly<Record<string, unknown>>;

/** The roles of `slipway:servers` that are maps, as they are written: only these have an image of their own. */
export function rolesIn(servers: ConfigValue | undefined): (readonly [RoleName, Written])[] {
  const written = servers === undefined ? undefined : (servers.objectValue ?? parseJson(servers.value ?? ""));
  return isMap(written) ? Object.entries(written).flatMap(([role, value]) => (isMap(value) ? [[role, value] as const] : [])) : [];
}

/**
 * `slipway:servers` with the images of a release for the roles that had one of their own.
 *
 * @param pinned what is written of such a role, over what there is
 */
export function withOwnImages(
  servers: ConfigValue,
  images: Readonly<Record<RoleName, NamedImage>>,
  pinned: (role: Written, image: NamedImage) => Written,
): ConfigValue {
  const roles = rolesIn(servers).flatMap(([role, value]) => {
    const own = images[role];
    return own === undefined ? [] : [[role, { ...value, ...pinned(value, own) }] as const];
  });
  if (roles.length === 0) return servers;
  const written = servers.objectValue ?? parseJson(servers.value ?? "");
  const objectValue = { ...(isMap(written) ? written : {}), ...Object.fromEntries(roles) };
  return { ...servers, value: JSON.stringify(objectValue), objectValue };
}
