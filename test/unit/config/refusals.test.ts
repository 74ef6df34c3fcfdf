import { describe, expect, it } from "vitest";
import { type Circumstances, problems, refusal, type Section } from "./fixture.ts";

type Row = readonly [behaviour: string, config: Section, problem: string, circumstances?: Circumstances];

const set = (path: string) => `pulumi config set --secret --path 'slipway:${path}'`;
const web = (role: Section) => ({ servers: { web: { hosts: ["203.0.113.10"], ...role } } });
const host = "shop.example.com";

const CHAPTERS: Record<string, readonly Row[]> = {
  keys: [
    ["names the nearest right key", { proxy: { app_prot: 80 } }, "proxy.app_prot unknown key; did you mean app_port?"],
    ["names the nearest right key at the root", { servrs: [] }, "servrs unknown key; did you mean servers?"],
    ["names the nearest right key of a role", web({ comand: "x" }), "servers.web.comand unknown key; did you mean cmd?"],
    ["names nothing when nothing is near", { unicorns: true }, "unicorns unknown key"],
    ["says of a Kamal key that it is not supported yet", { builder: { arch: "amd64" } }, "builder not supported yet"],
    ["says of a Kamal key why it is not needed", { secrets_path: "x" }, "secrets_path set secrets in slipway:secrets"],
    ["says it of nested keys", web({ image: "x" }), "servers.web.image not supported yet"],
    ["says it of keys of the proxy", { proxy: { read_targets: [] } }, "proxy.read_targets not supported yet"],
    ["says it of options", web({ options: { network: "x" } }), "servers.web.options.network not supported yet"],
    [
      "says where a key stands",
      { proxy: { error_pages_path: "x" } },
      "proxy.error_pages_path set slipway:error_pages_path instead",
    ],
    [
      "refuses Docker's spelling of an option",
      web({ options: { "cap-add": [] } }),
      "servers.web.options.cap-add write it as cap_add",
    ],
    [
      "refuses it of a new option, too",
      web({ options: { "stop-signal": "SIGINT" } }),
      "servers.web.options.stop-signal write it as stop_signal",
    ],
    ["refuses Docker's singular", web({ options: { device: "/dev/null" } }), "servers.web.options.device write it as devices"],
    [
      "refuses the proxy's container below a role",
      web({ proxy: { run: {} } }),
      "servers.web.proxy.run one proxy serves all roles of a host: set it in slipway:proxy.run",
    ],
  ],
  types: [
    ["requires a service", { service: undefined }, "service is required"],
    ["requires an image", { image: undefined }, "image is required"],
    ["requires servers", { servers: undefined }, "servers is required"],
    ["wants a number where text stands", { deploy_timeout: "soon" }, "deploy_timeout should be a number, not text"],
    ["wants whole seconds", { deploy_timeout: "1.5" }, "deploy_timeout should be a whole number, not a number"],
    ["is strict inside maps", { proxy: { app_port: "3000" } }, "proxy.app_port should be a number: write it without quotes"],
    [
      "is strict about true and false",
      { proxy: { host, ssl_redirect: "true" } },
      "proxy.ssl_redirect should be true or false: write it without quotes",
    ],
    ["wants a map where text stands", { proxy: "on" }, "proxy should be a map, not text"],
    ["tells an empty section", { proxy: "" }, "proxy should be a map, but is empty"],
    ["names both shapes of servers", { servers: "203.0.113.10" }, "servers should be a list or a map"],
    [
      "names the right place in a choice of shapes",
      web({ env: { A: {} } }),
      "servers.web.env.A should be text or a number or true or false",
    ],
    ["keeps ports in their range", { ssh: { port: 70000 } }, "ssh.port should be at most 65535"],
    [
      "retains at least one container",
      { retain_containers: 0 },
      "retain_containers must retain at least 1 container: rollback needs it",
    ],
    ["wants some time to deploy", { deploy_timeout: 0 }, "deploy_timeout should be at least 1"],
  ],
  names: [
    [
      "refuses a service with a dot",
      { service: "my.shop" },
      'service "my.shop" cannot name a service: use letters, digits, - and _, and begin with a letter or digit',
    ],
    [
      "refuses a destination with a slash",
      { destination: "a/b" },
      'destination "a/b" cannot name a destination: use letters, digits, - and _, and begin with a letter or digit',
    ],
    [
      "refuses a role with a blank",
      { servers: { web: ["a.example.com"], "my jobs": ["a.example.com"] } },
      'servers["my jobs"] "my jobs" cannot name a role: use letters, digits, - and _, and begin with a letter or digit',
    ],
    ["refuses an image with a blank", { image: "shop 1" }, 'image "shop 1" contains whitespace'],
    [
      "refuses upper case before the tag",
      { image: "ghcr.io/Acme/shop:V1" },
      'image "ghcr.io/Acme/shop:V1" has uppercase letters before the tag: write "ghcr.io/acme/shop:V1"',
    ],
    ["refuses an empty image", { image: "" }, "image should name an image: ghcr.io/acme/shop:1.4.2"],
    ["refuses an image with a scheme", { image: "https://ghcr.io/acme/shop" }, "image write it without https://"],
    ["refuses a version that is no tag", { version: "1/2" }, 'version "1/2" cannot name a release: letters, digits, ., - and _'],
    [
      "refuses a reserved label",
      { labels: { service: "x" } },
      "labels.service reserved: Slipway finds its containers by service, role, destination and slipway.*",
    ],
    [
      "refuses a reserved label of a role",
      web({ labels: { "slipway.spec": "x" } }),
      'servers.web.labels["slipway.spec"] reserved: Slipway finds its containers by service, role, destination and slipway.*',
    ],
    [
      "refuses a name that no environment can hold",
      { env: { "MY-VAR": "x" } },
      "env.MY-VAR is not a valid variable name: use letters, digits and _",
    ],
  ],
  hosts: [
    [
      "refuses what is neither address nor name",
      { servers: ["203.0.113.300"] },
      'servers[0] "203.0.113.300" is not an address or host name',
    ],
    [
      "points at the host of a role",
      web({ hosts: ["a.example.com", "under score"] }),
      'servers.web.hosts[1] "under score" is not an address or host name',
    ],
    [
      "shows how to write a port",
      { servers: ["a.example.com:2222"] },
      'servers[0] "a.example.com:2222" is not an address or host name; set the port as name: {address, port}',
    ],
    [
      "shows how to write a user",
      { servers: ["me@a.example.com"] },
      'servers[0] "me@a.example.com" is not an address or host name; set the user as name: {address, user}',
    ],
    [
      "refuses a bad address of a named host",
      web({ hosts: { "web-1": { address: "1.2.3" } } }),
      'servers.web.hosts.web-1.address "1.2.3" is not an address or host name',
    ],
    [
      "requires the address of a named host",
      web({ hosts: { "web-1": { port: 22 } } }),
      "servers.web.hosts.web-1.address is required",
    ],
    [
      "refuses a host that is listed twice",
      { servers: ["a.example.com", "a.example.com"] },
      'servers[1] "a.example.com" is listed twice',
    ],
    [
      "refuses two names for one machine",
      web({ hosts: { a: "203.0.113.10", b: "203.0.113.10" } }),
      'servers.web.hosts.b is the same machine as "a": use one name for it',
    ],
    [
      "refuses one name for two machines",
      { servers: { web: { hosts: { a: "203.0.113.10" } }, jobs: { hosts: { a: "203.0.113.11" } } } },
      'servers.jobs.hosts.a "a" names a different machine elsewhere: root@203.0.113.10:22',
    ],
    ["refuses a role without hosts", web({ hosts: [] }), "servers.web.hosts no hosts for the role web"],
    ["refuses an empty list", { servers: [] }, "servers no hosts for the role web"],
    [
      "requires the primary role",
      { servers: { app: ["a.example.com"] } },
      "servers the primary role web is not defined; available: app. Add it, or set slipway:primary_role",
    ],
    [
      "refuses a host key that is none",
      { ssh: { host_keys: { a: "SHA256:abc" } } },
      "ssh.host_keys.a is not a public host key: copy a line of ssh-keyscan, without the host: ssh-ed25519 AAAA…",
    ],
    [
      "refuses a host key of another type than it says",
      { ssh: { host_keys: { a: "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIGVw" } } },
      "ssh.host_keys.a is not a public host key: copy a line of ssh-keyscan, without the host: ssh-ed25519 AAAA…",
    ],
    ["refuses a jump host without a host", { ssh: { proxy: "user@:22" } }, "ssh.proxy is not user@host:port"],
  ],
  secrets: [
    [
      "refuses secrets in plain text",
      { secrets: { TOKEN: "x" } },
      `secrets.TOKEN is in plain text; store it encrypted: ${set("secrets.TOKEN")}`,
      { sealed: [] },
    ],
    [
      "refuses a password in plain text",
      { registry: { username: "u", password: "p" } },
      `registry.password is in plain text; store it encrypted: ${set("registry.password")}`,
    ],
    [
      "refuses a private key in plain text",
      { ssh: { key_data: "-----BEGIN X" } },
      `ssh.key_data is in plain text; store it encrypted: ${set("ssh.key_data")}`,
    ],
    [
      "names the place in a list of keys",
      { ssh: { key_data: ["-----BEGIN X"] } },
      `ssh.key_data[0] is in plain text; store it encrypted: ${set("ssh.key_data[0]")}`,
    ],
    [
      "refuses a secret where previews would show it",
      { proxy: { host } },
      `proxy contains a secret but is shown in previews: move the secret to slipway:secrets (${set("secrets.NAME")})`,
      { sealed: ["proxy"] },
    ],
    ["refuses a secret that is not set", { env: { secret: ["A"] } }, `env.secret[0] A is not set: ${set("secrets.A")}`],
    ["refuses it below a role", web({ env: { secret: ["A"] } }), `servers.web.env.secret[0] A is not set: ${set("secrets.A")}`],
    ["looks up the second name of a pair", { env: { secret: ["A:B"] } }, `env.secret[0] B is not set: ${set("secrets.B")}`],
    [
      "refuses a blank secret",
      { env: { secret: ["A"] }, secrets: { A: " \n" } },
      `env.secret[0] A is blank: ${set("secrets.A")}`,
    ],
    [
      "refuses a line break at the end",
      { env: { secret: ["A"] }, secrets: { A: "x\n" } },
      `env.secret[0] A has a trailing line break: set it again without: ${set("secrets.A")}`,
    ],
    [
      "refuses a blank at the end",
      { env: { secret: ["A"] }, secrets: { A: "x " } },
      `env.secret[0] A has leading or trailing whitespace: set it again without: ${set("secrets.A")}`,
    ],
    [
      "refuses a password that is not among the secrets",
      { registry: { username: "u", password: ["P"] } },
      `registry.password P is not set: ${set("secrets.P")}`,
    ],
    ["requires a password", { registry: { username: "u" } }, `registry.password is required: ${set("registry.password")}`],
    ["requires a username", { registry: { password: ["P"] }, secrets: { P: "x" } }, "registry.username is required"],
    [
      "refuses two names for one password",
      { registry: { username: "u", password: ["A", "B"] } },
      "registry.password should hold one name of a secret",
    ],
    [
      "refuses a blank password",
      { registry: { username: "u", password: " " } },
      `registry.password is blank: ${set("registry.password")}`,
      { sealed: ["registry"] },
    ],
    [
      "refuses a registry with a scheme",
      { registry: { server: "https://ghcr.io", username: "u", password: ["P"] }, secrets: { P: "x" } },
      "registry.server should be host or host:port, without https:// and path",
    ],
    [
      "refuses a name given twice",
      { env: { clear: { A: "x" }, secret: ["A"] }, secrets: { A: "x" } },
      "env.secret[0] is given twice",
    ],
    [
      "refuses plain keys beside clear and secret",
      { env: { clear: {}, B: "x" } },
      "env.B not allowed next to clear/secret: move it under clear",
    ],
    [
      "refuses a name that no secret can have",
      { secrets: { "a.b": "x" } },
      'secrets["a.b"] is not a valid name of a secret: use letters, digits and _',
    ],
  ],
  proxy: [
    ["refuses ssl without a host", { proxy: { ssl: true } }, "proxy.ssl needs a host: a certificate is issued for a host name"],
    [
      "refuses ssl with a wildcard",
      { proxy: { host: "*.example.com", ssl: true } },
      "proxy.ssl no automatic certificate is possible for the wildcard *.example.com",
    ],
    [
      "refuses ssl below a path",
      { proxy: { host, ssl: true, path_prefix: "/api" } },
      "proxy.ssl needs the path prefix /: only a service at / can have a certificate",
    ],
    [
      "refuses ssl on several hosts",
      { servers: ["a.example.com", "b.example.com"], proxy: { host, ssl: true } },
      `proxy.ssl works on one host only, but ${host} is on 2: each would request the same certificate; provide a certificate, or give each host its own name`,
    ],
    ["refuses staging without ssl", { proxy: { ssl_staging: true } }, "proxy.ssl_staging needs ssl: true"],
    [
      "points at the role that wrote the key",
      web({ proxy: { ssl: true } }),
      "servers.web.proxy.ssl needs a host: a certificate is issued for a host name",
    ],
    ["refuses host beside hosts", { proxy: { host, hosts: [host] } }, "proxy.hosts set host or hosts, not both"],
    [
      "refuses path_prefix beside path_prefixes",
      { proxy: { path_prefix: "/a", path_prefixes: ["/a"] } },
      "proxy.path_prefixes set path_prefix or path_prefixes, not both",
    ],
    [
      "refuses a URL as host",
      { proxy: { host: "https://shop.example.com/" } },
      'proxy.host "https://shop.example.com/" is not a host name; write it without https:// and path',
    ],
    [
      "refuses a relative path prefix",
      { proxy: { path_prefixes: ["/a", "b"] } },
      'proxy.path_prefixes[1] "b" should be a path that begins with /',
    ],
    ["refuses a relative health check", { proxy: { healthcheck: { path: "up" } } }, "proxy.healthcheck.path should begin with /"],
    [
      "refuses a canonical host that is none of the hosts",
      { proxy: { host, canonical_host: "x.example.com" } },
      `proxy.canonical_host should be one of the hosts: ${host}`,
    ],
    [
      "refuses a limit of requests without buffering",
      { proxy: { buffering: { requests: false, max_request_body: 1 } } },
      "proxy.buffering.max_request_body needs buffering.requests",
    ],
    [
      "refuses a limit of responses without buffering",
      { proxy: { buffering: { responses: false, max_response_body: 1 } } },
      "proxy.buffering.max_response_body needs buffering.responses",
    ],
    [
      "refuses a port that is not published",
      { proxy: { run: { publish: false, http_port: 8080 } } },
      "proxy.run.http_port not allowed with publish: false",
    ],
    [
      "refuses an address to bind that is none",
      { proxy: { run: { bind_ips: ["localhost"] } } },
      'proxy.run.bind_ips[0] "localhost" is not an IP address',
    ],
    [
      "refuses one port for HTTP and HTTPS",
      { proxy: { run: { http_port: 443 } } },
      "proxy.run.https_port should differ from http_port",
    ],
    [
      "refuses a proxy that is too old",
      { proxy: { run: { version: "v0.9.1" } } },
      "proxy.run.version is too old: v0.9.2 or newer is needed",
    ],
    [
      "refuses a log size that is none",
      { proxy: { run: { log_max_size: "big" } } },
      'proxy.run.log_max_size "big" is not a size: write 10m or 1g',
    ],
    [
      "refuses two roles for one name on one host",
      { servers: { web: [host], admin: { hosts: [host], proxy: true } }, proxy: { host } },
      `servers.admin.proxy ${host} on ${host} is already routed to the role web: use a different host or path_prefix`,
    ],
  ],
  containers: [
    [
      "refuses too little memory",
      web({ options: { memory: "4m" } }),
      "servers.web.options.memory should be at least 6m: Docker refuses less",
    ],
    [
      "refuses a size that is none",
      web({ options: { memory: "half" } }),
      'servers.web.options.memory "half" is not a size: write 512m or 2g',
    ],
    [
      "refuses a restart policy that is none",
      web({ options: { restart: "often" } }),
      "servers.web.options.restart should be no, always, unless-stopped, on-failure or on-failure:N",
    ],
    [
      "knows that YAML makes a boolean of no",
      web({ options: { restart: false } }),
      'servers.web.options.restart should be text; to disable restarts write "no"',
    ],
    [
      "refuses a tmpfs that is not absolute",
      web({ options: { tmpfs: "tmp" } }),
      'servers.web.options.tmpfs "tmp" should be an absolute path',
    ],
    [
      "refuses an extra host without address",
      web({ options: { add_host: "db:here" } }),
      'servers.web.options.add_host "db:here" is not name:address',
    ],
    [
      "refuses a limit that is none",
      web({ options: { ulimit: "nofile" } }),
      'servers.web.options.ulimit "nofile" is not name=soft or name=soft:hard',
    ],
    ["refuses a quote that is not closed", web({ cmd: "sh -c 'x" }), "servers.web.cmd a ' is not closed"],
    [
      "refuses shell operators",
      web({ cmd: "a && b" }),
      "servers.web.cmd it is not run by a shell, so & has no meaning: write sh -c '…' around it",
    ],
    ["refuses an empty command", web({ cmd: " " }), "servers.web.cmd should not be empty"],
    [
      "refuses a volume without target",
      { volumes: ["/data"] },
      'volumes[0] "/data" is not source:target or source:target:options',
    ],
    [
      "refuses a relative source",
      { volumes: ["./data:/data"] },
      'volumes[0] the source "./data" should be an absolute path on the host, or the name of a volume',
    ],
    [
      "refuses a relative target",
      { volumes: ["data:data"] },
      'volumes[0] the target "data" should be an absolute path in the container',
    ],
    [
      "refuses an unknown option of a volume",
      { volumes: ["data:/data:fast"] },
      'volumes[0] unknown option "fast"; available: ro, rw, z, Z',
    ],
    ["refuses a target that is already mounted", { volumes: ["a1:/data", "b1:/data"] }, 'volumes[1] "/data" is already mounted'],
  ],
};

for (const [chapter, rows] of Object.entries(CHAPTERS)) {
  describe(`refusals: ${chapter}`, () => {
    it.each(rows.map(([behaviour, config, problem, circumstances]) => ({ behaviour, config, problem, circumstances })))(
      "$behaviour",
      ({ config, problem, circumstances }) => expect(problems(config, circumstances)).toEqual([`slipway:${problem}`]),
    );
  });
}

describe("all problems", () => {
  const broken = {
    servers: { web: { hosts: ["203.0.113.10", "203.0.113.300"] } },
    proxy: { app_prot: 3000 },
    env: { secret: ["A", "B", "STRIPE_KEY"] },
    secrets: { A: "1", B: "2" },
  };

  it("are told at once, aligned, with what serves and what to do", () => {
    expect(refusal(broken)).toBe(
      `
stacks/Pulumi.production.yaml: 3 problems
  slipway:servers.web.hosts[1]   "203.0.113.300" is not an address or host name
  slipway:proxy.app_prot         unknown key; did you mean app_port?
  slipway:env.secret[2]          STRIPE_KEY is not set: pulumi config set --secret --path 'slipway:secrets.STRIPE_KEY'
  serves now: what served before; nothing was changed
  next: correct stacks/Pulumi.production.yaml, then run pulumi preview again`.trimStart(),
    );
  });

  it("are told across sections of wrong shape and of wrong sense", () => {
    expect(problems({ ...broken, service: "a b", deploy_timeout: "soon", foo: 1, labels: { role: "x" } })).toHaveLength(7);
  });

  it("are not hidden by an unknown key beside them", () => {
    expect(problems({ proxy: { app_prot: 3000, ssl: true } })).toHaveLength(2);
  });

  it("are counted in words", () => {
    expect(refusal({ service: "a b" })).toMatch(/^stacks\/Pulumi.production.yaml: 1 problem\n/);
  });

  it("are told once, even when two roles inherit the same one", () => {
    const servers = { web: ["a.example.com"], admin: { hosts: ["b.example.com"], proxy: true } };
    expect(problems({ servers, proxy: { ssl: true } })).toEqual([
      "slipway:proxy.ssl needs a host: a certificate is issued for a host name",
    ]);
  });
});

describe("a secret value", () => {
  const canary = "c4n4ry_s3cret";
  const places: Record<string, (value: unknown) => Section> = {
    secrets: (value) => ({ secrets: { TOKEN: value }, env: { secret: ["TOKEN"] } }),
    "secrets as text": (value) => ({ secrets: value }),
    "registry.password": (value) => ({ registry: { username: "u", password: value } }),
    "registry.username": (value) => ({ registry: { username: value } }),
    registry: (value) => ({ registry: value }),
    "ssh.key_data": (value) => ({ ssh: { key_data: value } }),
    ssh: (value) => ({ ssh: value }),
    "ssh.proxy": (value) => ({ ssh: { proxy: value } }),
    "ssh.host_keys": (value) => ({ ssh: { host_keys: { a: value } } }),
    "registry.server": (value) => ({ registry: { server: value } }),
    "env.secret": (value) => ({ env: { secret: [value] } }),
    "env.secret twice": (value) => ({ env: { secret: [value, value] } }),
    env: (value) => ({ env: { A: value } }),
    "env.clear": (value) => ({ env: { clear: { A: value, "B-C": value } } }),
    proxy: (value) => ({ proxy: { host: value, canonical_host: value } }),
    "an unknown key": (value) => ({ registry_password: value }),
    "an unknown key inside": (value) => ({ proxy: { passwrd: value } }),
    service: (value) => ({ service: value }),
    servers: (value) => ({ servers: [value] }),
    volumes: (value) => ({ volumes: [value] }),
  };
  const spoiled = [
    `${canary}\n`,
    ` ${canary}`,
    `${canary} ${canary}/`,
    [canary, `${canary} `],
    { deep: canary },
    [[`${canary}!`]],
  ];
  const rows = Object.keys(places).flatMap((place) => spoiled.map((value) => [place, value] as const));

  it.each(rows)("never appears in an error: %s = %j", (place, value) => {
    const config = places[place]?.(value) ?? {};
    const sealedRoot = Object.keys(config).filter((key) => key !== "env" || place.startsWith("env"));
    expect(refusal(config, { sealed: sealedRoot })).not.toContain(canary);
  });

  /** In plain text, what reads as the name of a secret is one. */
  const notNames = [`${canary}\n`, `${canary} ${canary}/`, [`${canary}!`], { deep: canary }];

  it.each(["secrets", "registry.password", "ssh.key_data"])("never appears in an error when it is in plain text: %s", (place) => {
    for (const value of notNames) expect(refusal(places[place]?.(value) ?? {}, { sealed: [] })).not.toContain(canary);
  });
});
