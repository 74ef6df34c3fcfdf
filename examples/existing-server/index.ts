/** One app on a server that exists. SSH logs in as `ssh root@203.0.113.10`; `slipway:ssh` in the stack's config changes that. */
import * as slipway from "slipway";

const web = new slipway.Server("web-1", { address: "203.0.113.10" });

const shop = new slipway.App("shop", {
  image: "ghcr.io/acme/shop:1.4.2",
  servers: web,
  proxy: { host: "shop.example.com", ssl: true, appPort: 3000 },
  env: { LOG_LEVEL: "info" },
});

export const { urls, release } = shop;
