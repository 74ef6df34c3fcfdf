import { describeRefusals, web } from "../refusals.ts";

const host = "shop.example.com";

describeRefusals("keys and types", [
  ["suggests the most similar key", { proxy: { app_prot: 80 } }, "proxy.app_prot unknown key; did you mean app_port?"],
  ["suggests the most similar key at the root", { servrs: [] }, "servrs unknown key; did you mean servers?"],
  ["suggests the most similar key of a role", web({ comand: "x" }), "servers.web.comand unknown key; did you mean cmd?"],
  ["suggests nothing if no key is similar", { unicorns: true }, "unicorns unknown key"],
  [
    "says what to write for a key of Kamal",
    { require_destination: true },
    "require_destination not needed: the stack is the destination",
  ],
  [
    "says why a Kamal key is not needed",
    { secrets_path: "x" },
    "secrets_path write slipway:secrets_from: [{ dotenv: .kamal/secrets }], or set secrets in slipway:secrets",
  ],
  [
    "says it of nested keys",
    web({ network: "x" }),
    "servers.web.network write it as options.network: a network beside kamal, in which all roles are",
  ],
  ["says it of keys of the proxy", { proxy: { read_targets: [] } }, "proxy.read_targets not supported yet"],
  ["says it of options", web({ options: { "log-driver": "local" } }), "servers.web.options.log-driver write logging.driver"],
  [
    "names the right place of a key",
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
  ["requires a service", { service: undefined }, "service is required"],
  ["requires an image", { image: undefined }, "image is required, or builder: {} to build it from a Dockerfile"],
  ["requires servers", { servers: undefined }, "servers is required; without an app, accessories are"],
  ["requires a number instead of text", { deploy_timeout: "soon" }, "deploy_timeout should be a number, not text"],
  ["requires whole seconds", { deploy_timeout: "1.5" }, "deploy_timeout should be a whole number, not a number"],
  ["is strict inside maps", { proxy: { app_port: "3000" } }, "proxy.app_port should be a number: write it without quotes"],
  [
    "is strict about true and false",
    { proxy: { host, ssl_redirect: "true" } },
    "proxy.ssl_redirect should be true or false: write it without quotes",
  ],
  ["requires a map instead of text", { proxy: "on" }, "proxy should be a map, not text"],
  ["refuses an empty section", { proxy: "" }, "proxy should be a map, but is empty"],
  ["names both shapes of servers", { servers: "203.0.113.10" }, "servers should be a list or a map"],
  [
    "says that a list is none of the shapes, as for a misspelt secret",
    web({ env: { secrets: ["DATABASE_URL"] } }),
    "servers.web.env.secrets should be text or a number or true or false, not a list",
  ],
  [
    "names the right place in a choice of shapes",
    web({ env: { A: {} } }),
    "servers.web.env.A should be text or a number or true or false, not a map",
  ],
  ["keeps ports in their range", { ssh: { port: 70000 } }, "ssh.port should be at most 65535"],
  [
    "retains at least one container",
    { retain_containers: 0 },
    "retain_containers must retain at least 1 container: rollback needs it",
  ],
  ["wants some time to deploy", { deploy_timeout: 0 }, "deploy_timeout should be at least 1"],
]);
