import { PROXY_FOLDER } from "../../core/names.ts";

/** The names that Kamal uses, so that a host can be taken over without a new proxy. */
export const KAMAL_PROXY = {
  container: "kamal-proxy",
  volume: "kamal-proxy-config",
  network: "kamal",
  configFolder: PROXY_FOLDER,
} as const;
