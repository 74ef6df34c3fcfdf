import { describe, expect, it } from "vitest";
import { problems, read, type Section } from "../fixture.ts";

const [A, B] = ["203.0.113.10", "203.0.113.11"];
const refused = (changes: Section, problem: string) => expect(problems(changes)).toEqual([`slipway:${problem}`]);
const web = (changes: Section) => {
  const role = read(changes).roles.find(({ name }) => name === "web");
  if (role === undefined) throw new Error("no role web");
  return role;
};

describe("tags of hosts", () => {
  const env = {
    clear: { LEVEL: "info", ZONE: "none" },
    tags: { loud: { LEVEL: "debug" }, eu: { clear: { ZONE: "eu" }, secret: ["TOKEN"] } },
  };
  const secrets = { TOKEN: "x", OTHER: "y" };

  it("change the environment of a role there, and of no other host", () => {
    const role = web({ servers: [A, { [B]: "loud" }], env, secrets });
    expect(role.hosts).toEqual([A, B]);
    expect(role.env).toEqual({ clear: { LEVEL: "info", ZONE: "none" }, secret: {} });
    expect(role.on).toEqual({ [B]: { env: { clear: { LEVEL: "debug", ZONE: "none" }, secret: {} } } });
  });

  it("lie over the root and the role, the later over the earlier", () => {
    const both = { ...env, tags: { ...env.tags, quiet: { LEVEL: "error", TOKEN: "off" } } };
    const on = (tags: unknown) =>
      web({ servers: { web: { hosts: [{ [B]: tags }], env: { LEVEL: "warn" } } }, env: both, secrets }).on[B]?.env;
    expect(on([])).toBeUndefined();
    expect(on("eu")).toEqual({ clear: { LEVEL: "warn", ZONE: "eu" }, secret: { TOKEN: "TOKEN" } });
    expect(on(["eu", "quiet"])).toEqual({ clear: { LEVEL: "error", ZONE: "eu", TOKEN: "off" }, secret: {} });
    expect(on(["quiet", "eu"])).toEqual({ clear: { LEVEL: "error", ZONE: "eu" }, secret: { TOKEN: "TOKEN" } });
  });

  it("can be written beside a host's address, for that role alone", () => {
    const hosts = { "web-1": { address: A, tags: "loud" }, "web-2": { address: B, tags: ["eu", "loud"] } };
    const { roles } = read({ servers: { web: { hosts }, jobs: ["web-1"] }, env, secrets });
    expect(roles.map(({ on }) => Object.keys(on))).toEqual([["web-1", "web-2"], []]);
  });

  it("make no host different that they do not change", () =>
    expect(web({ servers: [{ [A]: "loud" }], env: { ...env, clear: { LEVEL: "debug" } }, secrets }).on).toEqual({}));

  it("are secret where the environment is as a whole", () => {
    const circumstances = { sealed: ["env"] };
    const config = read(
      { servers: [{ [A]: "loud" }], env: { clear: { LEVEL: "info" }, tags: env.tags.loud && { loud: { LEVEL: "hush" } } } },
      circumstances,
    );
    expect(config.roles[0]?.on[A]?.env).toEqual({ clear: {}, secret: { LEVEL: "env.tags.loud.LEVEL" } });
    expect(config.secrets).toEqual({ "env.LEVEL": "info", "env.tags.loud.LEVEL": "hush" });
  });

  it.each<[string, Section, string]>([
    [
      "a tag that is not there",
      { servers: [{ [A]: "x" }], env },
      'servers[0]["203.0.113.10"] the tag "x" is not in slipway:env.tags; available: "loud", "eu"',
    ],
    [
      "a tag where none is defined",
      { servers: [{ [A]: "x" }] },
      'servers[0]["203.0.113.10"] the tag "x" is not in slipway:env.tags; available: none',
    ],
    [
      "it of a named host",
      { servers: { web: { hosts: { a: { address: A, tags: "x" } } } } },
      'servers.web.hosts.a the tag "x" is not in slipway:env.tags; available: none',
    ],
    [
      "several hosts in one item",
      { servers: [{ [A]: "loud", [B]: "loud" }], env },
      "servers[0] should name one host: address: tag",
    ],
    ["an item without a host", { servers: [A, {}] }, "servers[1] should name one host: address: tag"],
    ["a host twice", { servers: [A, { [A]: "loud" }], env }, 'servers[1]["203.0.113.10"] "203.0.113.10" is listed twice'],
    [
      "tags in the env of a role",
      { servers: { web: { hosts: [A], env: { tags: {} } } } },
      "servers.web.env.tags tags are only allowed in slipway:env",
    ],
    ["values beside tags", { env: { A: "1", tags: {} } }, "env.A not allowed next to clear/secret: move it under clear"],
    ["tags that are no map", { env: { clear: {}, tags: "x" } }, "env.tags should be a map, not text"],
    [
      "a bad name below a tag",
      { env: { tags: { eu: { "A=B": 1 } } } },
      'env.tags.eu["A=B"] is not a valid variable name: use letters, digits, _, . and -',
    ],
    ["what is no host", { servers: [7] }, "servers[0] should be text or a map: write text in quotes"],
  ])("refuse %s", (_, changes, problem) => refused({ secrets, ...changes }, problem));

  it("refuse a secret that is not set", () =>
    refused(
      { env: { tags: { eu: { secret: ["NOPE"] } } } },
      "env.tags.eu.secret[0] NOPE is not set: pulumi config set --secret --path 'slipway:secrets.NOPE'",
    ));

  it("are not judged when the environment cannot be read", () =>
    refused({ servers: [{ [A]: "x" }], env: { A: {} } }, "env.A should be text or a number or true or false, not a map"));
});

describe("host names of one host", () => {
  const two = (own: Section, proxy: Section = {}, role: Section = {}) => ({
    servers: { web: { hosts: { a: A, b: { address: B, proxy: own } }, ...role } },
    proxy: { host: "shop.example.com", app_port: 3000, ...proxy },
  });

  it("replace the role's, with the rest of the route", () => {
    const { proxy, on, env } = web(two({ hosts: ["b.example.com"] }));
    expect(proxy).toMatchObject({ hosts: ["shop.example.com"], appPort: 3000 });
    expect(on).toEqual({ b: { env, proxy: { ...proxy, hosts: ["b.example.com"] } } });
  });
  it("can have a canonical one", () => {
    const { on } = web(two({ host: "b.example.com,www.b.example.com", canonical_host: "b.example.com" }));
    expect(on.b?.proxy).toMatchObject({ hosts: ["b.example.com", "www.b.example.com"], canonicalHost: "b.example.com" });
  });
  it("that are the role's make no difference", () => expect(web(two({ host: "shop.example.com" })).on).toEqual({}));
  it("of all hosts leave the role's unjudged", () => {
    const hosts = { a: { address: A, proxy: { host: "a.example.com" } }, b: { address: B, proxy: { host: "b.example.com" } } };
    const { proxy, on } = web({ servers: { web: { hosts } }, proxy: { ssl: true } });
    expect(proxy?.hosts).toEqual(["a.example.com"]);
    expect(Object.entries(on).map(([name, part]) => [name, part.proxy?.hosts])).toEqual([["b", ["b.example.com"]]]);
  });
  it("let Let's Encrypt distinguish several hosts", () => {
    expect(problems(two({ host: "b.example.com" }, { ssl: true }))).toEqual([]);
    refused(
      two({ host: "b.example.com,shop.example.com" }, { ssl: true }),
      "proxy.ssl works on one host only, but shop.example.com is on 2: each would request the same certificate; provide a certificate, or give each host its own name",
    );
  });

  it.each<[string, Section, string]>([
    [
      "another key of the proxy",
      two({ app_port: 1 }),
      "servers.web.hosts.b.proxy.app_port must be the same on all hosts of a role: set it in the role's proxy",
    ],
    ["an unknown key", two({ hst: "x" }), "servers.web.hosts.b.proxy.hst unknown key; did you mean host?"],
    [
      "host beside hosts",
      two({ host: "b.example.com", hosts: [] }),
      "servers.web.hosts.b.proxy.hosts set host or hosts, not both",
    ],
    [
      "a name that is none",
      two({ host: "http://b" }),
      'servers.web.hosts.b.proxy.host "http://b" is not a host name; write it without https:// and path',
    ],
    [
      "a canonical name that is none of them",
      two({ host: "b.example.com", canonical_host: "c.example.com" }),
      "servers.web.hosts.b.proxy.canonical_host should be one of the hosts: b.example.com",
    ],
    [
      "them for a role that is not proxied",
      two({ host: "b.example.com" }, {}, { proxy: false }),
      "servers.web.hosts.b.proxy not allowed: the role web is not proxied",
    ],
    [
      "a canonical name of the role that is none of them",
      two({ host: "b.example.com" }, { canonical_host: "shop.example.com" }),
      "proxy.canonical_host should be one of the hosts: b.example.com",
    ],
  ])("refuse %s", (_, changes, problem) => refused(changes, problem));

  it("may not be another role's on the same host, though the roles differ", () => {
    const servers = {
      web: { hosts: { a: A, b: { address: B, proxy: { host: "admin.example.com" } } } },
      admin: { hosts: ["b"], proxy: { host: "admin.example.com" } },
    };
    refused(
      { servers, proxy: { host: "shop.example.com" } },
      "servers.admin.proxy admin.example.com on b is already routed to the role web: use a different host or path_prefix",
    );
    const apart = { ...servers, admin: { hosts: ["a"], proxy: { host: "admin.example.com" } } };
    expect(problems({ servers: apart, proxy: { host: "shop.example.com" } })).toEqual([]);
  });
});
