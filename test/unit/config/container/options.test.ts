import { describeRefusals, web } from "../refusals.ts";

describeRefusals("containers", [
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
    "servers.web.cmd it is not run by a shell, so & is not supported: write sh -c '…' around it",
  ],
  ["refuses an empty command", web({ cmd: " " }), "servers.web.cmd should not be empty"],
  ["refuses a volume without target", { volumes: ["/data"] }, 'volumes[0] "/data" is not source:target or source:target:options'],
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
]);
