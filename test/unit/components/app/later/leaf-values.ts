import { aCertificate } from "../../../config/proxy/a-certificate.ts";

const OTHER = `ghcr.io/acme/other@sha256:${"04bd".repeat(16)}`;
/** By digest: no registry is asked. */
export const IMAGE = `ghcr.io/acme/shop@sha256:${"9f31".repeat(16)}`;
const HOST = "shop.example.com";
const certificate = aCertificate(`DNS:${HOST}`);

/** Real values where the example of a key is none, asks a registry, or is of a different kind. */
export const VALUES: Readonly<Record<string, unknown>> = {
  image: OTHER,
  "canary.image": OTHER,
  "jobs.image": OTHER,
  "servers.image": OTHER,
  // Neither of the placeholders has this preset.
  "accessories.image": "mysql:8.4",
  maintenance: true,
  env: "info",
  "servers.env": "info",
  "accessories.env": "info",
  "servers.proxy": false,
  secrets: "canary",
  "registry.password": "canary",
  "proxy.ssl.certificate_pem": certificate.cert,
  "servers.proxy.ssl.certificate_pem": certificate.cert,
  "accessories.proxy.ssl.certificate_pem": certificate.cert,
};

type Tree = Readonly<Record<string, unknown>>;

const web = (proxy: Tree): Tree => ({ servers: { web: { proxy } } });
const worker = (role: Tree): Tree => ({ servers: { worker: role } });
const db = (accessory: Tree): Tree => ({ accessories: { db: accessory } });
const ssl = { certificatePem: certificate.cert, privateKeyPem: "KEY" };
const secrets = { KEY: certificate.key };
const S3 = { endpoint: "https://s3.example", bucket: "acme-backups", accessKey: ["TOKEN"], secretKey: ["TOKEN"] };
const backup = { schedule: "17 3 * * *", to: { directory: "/var/backups" } };
const login = { server: "ghcr.io", username: "shop", password: ["TOKEN"] };

/** What else there has to be. By key, or by the beginning of keys. */
const NEEDED: Readonly<Record<string, Tree>> = {
  "proxy.ssl": { proxy: { host: HOST } },
  "proxy.ssl.": { proxy: { host: HOST, ssl }, secrets },
  "proxy.ssl_staging": { proxy: { host: HOST, ssl: true } },
  "proxy.canonical_host": { proxy: { hosts: [HOST, "example.com"] } },
  "servers.proxy.": web({}),
  "servers.proxy.ssl": web({ host: HOST }),
  "servers.proxy.ssl.": { ...web({ host: HOST, ssl }), secrets },
  "servers.proxy.ssl_staging": web({ host: HOST, ssl: true }),
  "servers.proxy.canonical_host": web({ hosts: [HOST, "example.com"] }),
  "servers.hosts.proxy.canonical_host": { proxy: { hosts: [HOST, "example.com"] } },
  "servers.version": worker({ image: OTHER }),
  "servers.options.memory_swap": worker({ options: { memory: "256m" } }),
  "servers.healthcheck.": worker({ healthcheck: { port: 9000 } }),
  "servers.healthcheck.cmd": worker({ healthcheck: {} }),
  "servers.healthcheck.cmd[]": worker({ healthcheck: {} }),
  "servers.healthcheck.interval": worker({ healthcheck: { cmd: "bin/check" } }),
  "registry.": { registry: login },
  "accessories.public": db({ port: "5432" }),
  "accessories.files[].": db({ files: [{ content: "x", remote: "/etc/x" }] }),
  "accessories.directories[].": db({ directories: [{ local: "data", remote: "/data" }] }),
  "accessories.options.memory_swap": db({ options: { memory: "256m" } }),
  "accessories.healthcheck.": db({ healthcheck: { port: 9000 } }),
  "accessories.healthcheck.cmd": db({ healthcheck: {} }),
  "accessories.healthcheck.cmd[]": db({ healthcheck: {} }),
  "accessories.healthcheck.tcp": db({ healthcheck: {} }),
  "accessories.healthcheck.interval": db({ healthcheck: { cmd: "bin/check" } }),
  "accessories.proxy.": db({ proxy: { host: HOST } }),
  "accessories.proxy.hosts[]": db({ proxy: {} }),
  "accessories.proxy.ssl": db({ proxy: { host: HOST } }),
  "accessories.proxy.ssl.": { ...db({ proxy: { host: HOST, ssl } }), secrets },
  "accessories.proxy.ssl_staging": db({ proxy: { host: HOST, ssl: true } }),
  "accessories.proxy.canonical_host": db({ proxy: { hosts: [HOST, "example.com"] } }),
  "accessories.registry.": db({ registry: login }),
  "accessories.backup.": db({ backup }),
  "accessories.backup.to.s3.": db({ backup: { schedule: "17 3 * * *", to: { s3: S3 } } }),
  "boot.wait": { boot: { limit: 1 } },
  "canary.": { canary: { image: OTHER, percent: 10 } },
  "canary.allow[]": { canary: { image: OTHER } },
  "release.timeout": { release: { cmd: "bin/migrate" } },
};

/** By the longest that applies. */
export function neededFor(key: string): Tree {
  const [found] = Object.entries(NEEDED)
    .filter(([own]) => own === key || (/[.]$/.test(own) && key.startsWith(own)))
    .sort(([a], [b]) => b.length - a.length);
  return found?.[1] ?? {};
}
