import { describe, expect, it } from "vitest";
import { refusedBySlipway } from "../../../cli/import/check.ts";
import { pathText } from "../../../kamal/yaml/tree.ts";
import { aProject } from "../config/fixture.ts";
import { SMALLEST, translated, WITHOUT_SERVERS } from "./translate/fixture.ts";

/** What a person has to decide or correct in a config, `path: what to write`, as `slipway import` and `slipway:deploy_file` say it. */
function askedOf(yaml: string): string[] {
  using project = aProject({ "app/deploy/Pulumi.yaml": "name: app\n" });
  const { translation } = translated(yaml);
  const stack = { name: "production", from: ["config/deploy.yml"], translation };
  return [...translation.findings, ...refusedBySlipway(stack, `${project.root}/app/deploy`)]
    .filter(({ outcome }) => outcome === "needs you")
    .map(({ path, says }) => `${pathText(path)}: ${says}`);
}

const without = (part: string | RegExp) => SMALLEST.replace(part, "");
const role = (part: string) => `${WITHOUT_SERVERS}servers:\n  web: [203.0.113.10]\n  jobs: ${part}\n`;
const onRole = (part: string) => role(`{ hosts: [203.0.113.10], ${part} }`);
const db = (part: string) => `${SMALLEST}accessories:\n  db: ${part}\n`;
const onDb = (part: string) => db(`{ image: postgres:17, host: 203.0.113.10, ${part} }`);
const proxy = (part: string) => `${SMALLEST}proxy: ${part}\n`;
const builder = (part: string) => SMALLEST.replace("arch: amd64", part);

type Row = readonly [what: string, yaml: string, path: string, says: string];

/** Every config that Kamal 2.12 refuses, by its documentation and its code, and some that it takes and fails with later. */
const REFUSED: readonly Row[] = [
  ["no service", without("service: shop\n"), "service", "is required"],
  ["a service with a blank", SMALLEST.replace("shop", "my shop"), "service", "use letters, digits, - and _"],
  ["neither servers nor accessories", WITHOUT_SERVERS, "servers", "name the destination whose file has it"],
  ["servers as text", `${WITHOUT_SERVERS}servers: web\n`, "servers", "should be a list of hosts, or a map of roles"],
  [
    "two hosts in one item",
    `${WITHOUT_SERVERS}servers: [{ a.example: x, b.example: y }]\n`,
    "servers[0]",
    "should name one host: address: tag",
  ],
  [
    "a tag that is a map",
    `${WITHOUT_SERVERS}servers: [{ a.example: { b: c } }]\n`,
    "servers[0].a.example",
    "should be text or a list",
  ],
  ["an unknown hooks_output", `${SMALLEST}hooks_output: loud\n`, "hooks_output", "should be verbose or quiet"],
  [
    "an alias that is a command",
    `${SMALLEST}aliases: { deploy: app exec x }\n`,
    "aliases.deploy",
    "is a command of slipway: give the alias another name",
  ],
  ["an unknown key", `${SMALLEST}foo: 1\n`, "foo", "remove it"],
  ["a key with other dashes", `${SMALLEST}deploy-timeout: 1\n`, "deploy-timeout", "deploy_timeout is meant"],
  ["an unknown key of a role", onRole("foo: 1"), "servers.jobs.foo", "remove it"],
  ["a reserved label of a role", onRole("labels: { role: x }"), "servers.jobs.labels.role", "give it another name"],
  ["a reserved label of the root", `${SMALLEST}labels: { role: x }\n`, "labels.role", "give it another name"],
  [
    "restart: no without quotes",
    onRole("options: { restart: no }"),
    "servers.jobs.options.restart",
    'to disable restarts write "no"',
  ],
  ["a restart policy that is none", onRole("options: { restart: often }"), "servers.jobs.options.restart", "on-failure:N"],
  ["a primary role that is not there", `${SMALLEST}primary_role: app\n`, "servers", "Add it, or set slipway:primary_role"],
  [
    "a primary role without hosts",
    `${WITHOUT_SERVERS}servers: { web: [], jobs: [203.0.113.10] }\n`,
    "servers",
    "has hosts for web",
  ],
  ["a role without hosts", role("[]"), "servers.jobs", "set slipway:allow_empty_roles: true"],
  ["no container to retain", `${SMALLEST}retain_containers: 0\n`, "retain_containers", "must retain at least 1 container"],
  ["a word as a number", `${SMALLEST}deploy_timeout: soon\n`, "deploy_timeout", "should be a number"],
  ["volumes as text", `${SMALLEST}volumes: a:/b\n`, "volumes", "should be a list"],
  ["a folder of assets that is not absolute", `${SMALLEST}asset_path: assets\n`, "asset_path", "should be an absolute path"],
  ["error pages that are not there", `${SMALLEST}error_pages_path: nowhere\n`, "error_pages_path", "the project has no folder"],

  ["a list in the environment", `${SMALLEST}env: { A: [b] }\n`, "env.A", "should be one value"],
  ["plain names beside clear", `${SMALLEST}env: { clear: { A: b }, B: c }\n`, "env.B", "move it under clear"],
  ["secrets as a map", `${SMALLEST}env: { secret: { A: B } }\n`, "env.secret", "should be a list of names"],
  ["tags of a role", onRole("env: { tags: { a: { B: c } } }"), "servers.jobs.env.tags", "only in the env of the root"],

  ["a registry without a user", without("  username: acme\n"), "registry.password", "add what is missing"],
  ["two secrets as a user", SMALLEST.replace("username: acme", "username: [A, B]"), "registry.username", "one name of a secret"],
  ["a CPU that no build is for", builder("arch: riscv"), "builder.arch", "amd64, arm64, or both"],
  ["an unknown cache", builder("arch: amd64\n  cache: { type: s3 }"), "builder.cache.type", "gha or registry"],
  ["buildpacks", builder("arch: amd64\n  pack: { builder: b, buildpacks: [a] }"), "builder.pack", "pack build"],
  ["a builder in Docker's cloud", builder("arch: amd64\n  driver: cloud acme/x"), "builder.driver", "docker buildx use"],

  ["a proxy that is true", proxy("true"), "proxy", "should be a map of keys"],
  ["an unknown key of the proxy", proxy("{ foo: 1 }"), "proxy.foo", "remove it"],
  ["host and hosts", proxy("{ host: a.example, hosts: [b.example] }"), "proxy.hosts", "set host or hosts, not both"],
  ["ssl without a host", proxy("{ ssl: true }"), "proxy.ssl", "needs a host"],
  [
    "a certificate without its key",
    proxy("{ host: a.example, ssl: { certificate_pem: C } }"),
    "proxy.ssl.private_key_pem",
    "is required",
  ],
  [
    "a key without its certificate",
    proxy("{ host: a.example, ssl: { private_key_pem: K } }"),
    "proxy.ssl.certificate_pem",
    "is required",
  ],
  ["an unknown key of ssl", proxy("{ host: a.example, ssl: { foo: x } }"), "proxy.ssl.foo", "unknown key"],
  [
    "ssl on two hosts",
    `${WITHOUT_SERVERS}servers: [203.0.113.10, 203.0.113.11]\nproxy: { host: a.example, ssl: true }\n`,
    "proxy.ssl",
    "provide a certificate, or give each host its own name",
  ],
  [
    "one name with ssl for two roles",
    `${role("{ hosts: [203.0.113.11], proxy: { host: a.example, ssl: true } }")}proxy: { host: a.example, ssl: true }\n`,
    "servers.jobs.proxy",
    "provide a certificate, or give each its own name",
  ],
  [
    "one name for two roles of a host",
    `${onRole("proxy: { host: a.example }")}proxy: { host: a.example }\n`,
    "servers.jobs.proxy",
    "use a different host or path_prefix",
  ],
  [
    "a port of a proxy that publishes none",
    proxy("{ run: { publish: false, http_port: 8080 } }"),
    "proxy.run.http_port",
    "not allowed with publish: false",
  ],
  ["an address of the proxy that is none", proxy("{ run: { bind_ips: [a] } }"), "proxy.run.bind_ips[0]", "is not an IP address"],

  [
    "an accessory without a place",
    db("{ image: postgres:17 }"),
    "accessories.db",
    "set one of host, hosts, role, roles, tag, tags",
  ],
  ["an accessory with two places", onDb("role: web"), "accessories.db.role", "set one of host, hosts"],
  [
    "host of the base and hosts of a destination",
    onDb("hosts: [203.0.113.11]"),
    "accessories.db.hosts",
    "set one of host, hosts",
  ],
  ["an accessory of an unknown role", db("{ image: postgres:17, role: app }"), "accessories.db.role", "is not a role with hosts"],
  ["an accessory of an unknown tag", db("{ image: postgres:17, tag: x }"), "accessories.db.tag", "is not the tag of any host"],
  ["an accessory without an image", db("{ host: 203.0.113.10 }"), "accessories.db.image", "is required"],
  ["a reserved label of an accessory", onDb("labels: { service: x }"), "accessories.db.labels.service", "give it another name"],
  ["an unknown key of an accessory", onDb("foo: 1"), "accessories.db.foo", "remove it"],
  ["a file that is not there", onDb("files: [a:/a]"), "accessories.db.files[0]", "there is no file a here"],

  ["ssh.config as a number", `${SMALLEST}ssh: { config: 5 }\n`, "ssh.config", "true or false or text or a list"],
  ["an unknown key of ssh", `${SMALLEST}ssh: { foo: 5 }\n`, "ssh.foo", "remove it"],
  ["a limit of waves that is none", `${SMALLEST}boot: { limit: many }\n`, "boot.limit", "1% to 100%"],
  ["a log driver that is a list", `${SMALLEST}logging: { driver: [a] }\n`, "logging.driver", "should be text"],
  ["output without a target", `${SMALLEST}output: { otel: {} }\n`, "output", "redirect what the commands print"],
];

/** What Kamal refuses and Slipway takes, since it means something here or nothing at all. */
const TAKEN: readonly (readonly [what: string, yaml: string])[] = [
  ["no image: what is built needs no registry", without("image: acme/shop\n")],
  ["no registry: hosts get the image from this machine", without(/registry:[\s\S]*?PASSWORD\n/)],
  ["no CPU: the build is for those of the hosts", without("builder:\n  arch: amd64\n")],
  ["local: false without remote: this machine builds", builder("arch: amd64\n  local: false")],
  ["a number in quotes, which is one", `${SMALLEST}deploy_timeout: "10"\n`],
  ["an unknown key of sshkit: each host has one connection", `${SMALLEST}sshkit: { foo: 1 }\n`],
  ["require_destination without one: the stack is the destination", `${SMALLEST}require_destination: true\n`],
  ["a newer minimum_version: package.json has the version", `${SMALLEST}minimum_version: 9.0.0\n`],
];

describe("what Kamal refuses", () => {
  it.each(REFUSED)("%s is refused with its path and what to write", (_, yaml, path, says) => {
    const asked = askedOf(yaml);
    expect(asked.filter((line) => line.startsWith(`${path}: `)).join("\n")).toContain(says);
    // Nothing of another section is said besides.
    const section = /^\w+(?:-\w+)*/.exec(path)?.[0] ?? "";
    expect(asked.filter((line) => !line.startsWith(section) && !line.startsWith("secrets."))).toEqual([]);
  });

  it.each(TAKEN)("%s is taken", (_, yaml) => expect(askedOf(yaml)).toEqual([]));
});
