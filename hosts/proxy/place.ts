import { PROXY_FOLDER } from "../../core/proxy-folder.ts";

/** Where Kamal puts its proxy; the same places, so that taking over a host is not a change of proxy. */
export const KAMAL_PROXY = {
  container: "kamal-proxy",
  volume: "kamal-proxy-config",
  network: "kamal",
  configFolder: PROXY_FOLDER,
} as const;
