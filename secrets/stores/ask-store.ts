import type { SourcePlace } from "../../config/index.ts";
import type { Asking, Found } from "../asking.ts";
import { askAws } from "./aws.ts";
import { askBitwarden } from "./bitwarden.ts";
import { askBitwardenSm } from "./bitwarden-sm.ts";
import { askDoppler } from "./doppler.ts";
import { askGcp } from "./gcp.ts";
import { askInfisical } from "./infisical.ts";
import { askLastPass } from "./lastpass.ts";
import { askOnePassword } from "./one-password.ts";
import { askSops } from "./sops.ts";
import { askVault } from "./vault.ts";

/** A source that is a store with a program of its own. */
export type StorePlace = Exclude<SourcePlace, { readonly kind: "dotenv" | "env" | "command" }>;

/** Asks a store by its program. Rejects with a `Refusal`. @param keys what the values are called there */
export function askStore(place: StorePlace, keys: readonly string[], asking: Asking): Promise<Found> {
  switch (place.kind) {
    case "sops":
      return askSops(place.file, keys, asking);
    case "1password":
      return askOnePassword(place, keys, asking);
    case "aws":
      return askAws(place, keys, asking);
    case "doppler":
      return askDoppler(place, keys, asking);
    case "vault":
    case "openbao":
      return askVault(place, keys, asking);
    case "gcp":
      return askGcp(place, keys, asking);
    case "bitwarden":
      return askBitwarden(place.items, keys, asking);
    case "bitwarden-sm":
      return askBitwardenSm(place.project, keys, asking);
    case "infisical":
      return askInfisical(place, keys, asking);
    case "lastpass":
      return askLastPass(place.folder, keys, asking);
  }
}
