import type { Mount } from "../../core/container/mount.ts";
import type { App } from "../../core/names.ts";
import { prefixOf } from "../../core/names.ts";
import { STACK_LABEL } from "../../core/owner.ts";
import { omitUndefined } from "../../core/values.ts";
import { type CreateBody, KAMAL_PROXY } from "../../hosts/index.ts";
import { bodyOf, withoutAliases } from "../container/body.ts";
import type { ReleaseInputs } from "./inputs.ts";
import type { Place } from "./places.ts";

/** The container of one place, as the Engine API takes it. */
export function containerBody(inputs: ReleaseInputs, place: Place): CreateBody {
  const { command, options, logging, stopTimeout } = place.spec;
  const parts = { image: place.image, command, options, publish: options.publish, logging, stopTimeout };
  const body = bodyOf({ ...parts, mounts: mountsOf(inputs, place), network: KAMAL_PROXY.network });
  return {
    // A canary answers requests with its cookie alone.
    ...(place.track === "canary" ? withoutAliases(body) : body),
    Env: environment(inputs, place),
    Labels: labels(inputs, place),
  };
}

const labels = (inputs: ReleaseInputs, { spec, role, release, replica }: Place): Record<string, string> => ({
  ...spec.labels,
  service: inputs.service,
  role,
  destination: inputs.destination ?? "",
  "slipway.release": release,
  "slipway.spec": release.slice(-8),
  [STACK_LABEL]: inputs.stack,
  ...(replica === 1 ? {} : { "slipway.replica": String(replica) }),
});

/** Secrets enter a container here and nowhere else. The KAMAL_ names are what apps that moved from Kamal read. */
function environment(inputs: ReleaseInputs, { host, container, version, spec }: Place): string[] {
  const secret = Object.entries(spec.secretEnv).map(([name, source]) => [name, inputs.secrets[source] ?? ""]);
  const own = {
    KAMAL_CONTAINER_NAME: container,
    KAMAL_VERSION: version,
    KAMAL_HOST: host,
    ...(inputs.destination === undefined ? {} : { KAMAL_DESTINATION: inputs.destination }),
  };
  return Object.entries({ ...own, ...spec.env, ...Object.fromEntries(secret) }).map(([name, value]) => `${name}=${value}`);
}

/** The volume with the assets of one release and of those around it. */
export const assetVolume = (app: App, { role, release }: Pick<Place, "role" | "release">): string =>
  `${prefixOf(app, role)}-assets-${release}`;

function mountsOf(inputs: ReleaseInputs, place: Place): Mount[] {
  const { mounts, assets } = place.spec;
  if (assets === undefined) return mounts;
  const { path, relabel } = assets;
  return [...mounts, { source: assetVolume(inputs, place), target: path, readOnly: true, ...omitUndefined({ relabel }) }];
}
