/**
 * Two apps on one server: Docker, firewall and kamal-proxy belong to the server; release, workers and database to an app.
 *
 * `npx slipway pulumi config set --secret databasePassword` comes first. Commands about one app take `--app shop`.
 */
import * as pulumi from "@pulumi/pulumi";
import * as slipway from "slipway";

const password = new pulumi.Config().requireSecret("databasePassword");

const server = new slipway.Server("web-1", { address: "203.0.113.10", firewall: true });

const shop = new slipway.App("shop", {
  image: "ghcr.io/acme/shop:1.4.2",
  servers: { web: server, worker: { hosts: server, cmd: "bin/jobs" } },
  proxy: { host: "shop.example.com", ssl: true, appPort: 3000 },
  accessories: {
    db: {
      image: "postgres:17.2",
      host: server,
      env: { clear: { POSTGRES_USER: "app", POSTGRES_DB: "shop" }, secret: { POSTGRES_PASSWORD: password } },
    },
  },
  env: {
    DATABASE_URL: "postgres://app:${accessories.db.secret.POSTGRES_PASSWORD}@${accessories.db.host}:${accessories.db.port}/shop",
  },
});

const blog = new slipway.App("blog", {
  image: "ghcr.io/acme/blog:7",
  servers: server,
  proxy: { host: "blog.example.com", ssl: true },
});

export const urls = pulumi.all([shop.urls, blog.urls]).apply((all) => all.flat());
