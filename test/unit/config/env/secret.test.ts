import { describeRefusals, setSecret, web } from "../refusals.ts";

const host = "shop.example.com";

describeRefusals("secrets", [
  [
    "refuses secrets in plain text",
    { secrets: { TOKEN: "x" } },
    `secrets.TOKEN is in plain text; store it encrypted: ${setSecret("secrets.TOKEN")}`,
    { sealed: [] },
  ],
  [
    "refuses a password in plain text",
    { registry: { username: "u", password: "p" } },
    `registry.password is in plain text; store it encrypted: ${setSecret("registry.password")}`,
  ],
  [
    "refuses a private key in plain text",
    { ssh: { key_data: "-----BEGIN X" } },
    `ssh.key_data is in plain text; store it encrypted: ${setSecret("ssh.key_data")}`,
  ],
  [
    "names the place in a list of keys",
    { ssh: { key_data: ["-----BEGIN X"] } },
    `ssh.key_data[0] is in plain text; store it encrypted: ${setSecret("ssh.key_data[0]")}`,
  ],
  [
    "refuses a secret where previews would show it",
    { proxy: { host } },
    `proxy contains a secret but is shown in previews: move the secret to slipway:secrets (${setSecret("secrets.NAME")})`,
    { sealed: ["proxy"] },
  ],
  ["refuses a secret that is not set", { env: { secret: ["A"] } }, `env.secret[0] A is not set: ${setSecret("secrets.A")}`],
  [
    "refuses it below a role",
    web({ env: { secret: ["A"] } }),
    `servers.web.env.secret[0] A is not set: ${setSecret("secrets.A")}`,
  ],
  ["looks up the second name of a pair", { env: { secret: ["A:B"] } }, `env.secret[0] B is not set: ${setSecret("secrets.B")}`],
  [
    "refuses a blank secret",
    { env: { secret: ["A"] }, secrets: { A: " \n" } },
    `env.secret[0] A is blank: ${setSecret("secrets.A")}`,
  ],
  [
    "refuses a trailing line break",
    { env: { secret: ["A"] }, secrets: { A: "x\n" } },
    `env.secret[0] A has a trailing line break: set it again without: ${setSecret("secrets.A")}`,
  ],
  [
    "refuses trailing whitespace",
    { env: { secret: ["A"] }, secrets: { A: "x " } },
    `env.secret[0] A has leading or trailing whitespace: set it again without: ${setSecret("secrets.A")}`,
  ],
  [
    "refuses a password that is not among the secrets",
    { registry: { username: "u", password: ["P"] } },
    `registry.password P is not set: ${setSecret("secrets.P")}`,
  ],
  ["requires a password", { registry: { username: "u" } }, `registry.password is required: ${setSecret("registry.password")}`],
  ["requires a username", { registry: { password: ["P"] }, secrets: { P: "x" } }, "registry.username is required"],
  [
    "refuses two names for one password",
    { registry: { username: "u", password: ["A", "B"] } },
    "registry.password should hold one name of a secret",
  ],
  [
    "refuses a blank password",
    { registry: { username: "u", password: " " } },
    `registry.password is blank: ${setSecret("registry.password")}`,
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
    "refuses plain keys next to clear and secret",
    { env: { clear: {}, B: "x" } },
    "env.B not allowed next to clear/secret: move it under clear",
  ],
  [
    "refuses a name that no secret can have",
    { secrets: { "a.b": "x" } },
    'secrets["a.b"] is not a valid name of a secret: use letters, digits and _',
  ],
]);
