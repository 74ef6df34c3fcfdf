import { type App, appName } from "../../core/names.ts";
import type { Address } from "../../hosts/index.ts";
import type { Claim } from "../pulumi/claims.ts";
import type { ReleaseInputs } from "./inputs.ts";

/** All of an app on one host: its containers, routes, images and volumes of assets. */
export const claimOf = (app: App, host: Address): Claim => ({ host, thing: `app ${appName(app)}` });

export const claimsOf = (inputs: ReleaseInputs): readonly Claim[] =>
  Object.values(inputs.hosts).map((host) => claimOf(inputs, host));
