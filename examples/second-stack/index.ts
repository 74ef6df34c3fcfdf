/**
 * An app whose image and database are outputs of another stack, which exports `image`, by digest, and `databaseUrl`, a secret.
 *
 * Both projects use one backend: `npx slipway pulumi login …` in each. On Pulumi Cloud the name
 * begins with that of your organization.
 */
import * as pulumi from "@pulumi/pulumi";
import * as slipway from "slipway";

const platform = new pulumi.StackReference("organization/platform/production");

const web = new slipway.Server("web-1", { address: "203.0.113.10" });

const shop = new slipway.App("shop", {
  image: platform.requireOutput("image"),
  servers: web,
  proxy: { host: "shop.example.com", ssl: true, appPort: 3000 },
  env: { DATABASE_URL: platform.requireOutput("databaseUrl") },
});

export const { urls, release } = shop;
