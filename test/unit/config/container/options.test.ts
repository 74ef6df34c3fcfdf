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
    "says that Docker wants two characters",
    { volumes: ["a:/data"] },
    'volumes[0] the source "a": the name of a volume has at least two characters',
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

describeRefusals("what would be cut off or dropped without a word", [
  [
    "a tmpfs with two lists of options",
    web({ options: { tmpfs: "/tmp:size=64m:x" } }),
    'servers.web.options.tmpfs "/tmp:size=64m:x" is not path or path:options',
  ],
  [
    "a tmpfs that is mounted twice",
    web({ options: { tmpfs: ["/tmp", "/tmp/:size=1m"] } }),
    'servers.web.options.tmpfs "/tmp/" is already mounted',
  ],
  ["two options that exclude each other", { volumes: ["/a:/b:rw,ro"] }, 'volumes[0] "rw,ro": ro and rw exclude each other'],
  ["two ways to relabel", { volumes: ["/a:/b:z,Z"] }, 'volumes[0] "z,Z": z and Z exclude each other'],
  [
    "a volume without the options that it announces",
    { volumes: ["/a:/b:"] },
    'volumes[0] unknown option ""; available: ro, rw, z, Z',
  ],
  ["an option of assets that is announced", { asset_path: "/assets:z,Z" }, 'asset_path "z,Z": z and Z exclude each other'],
  [
    "a size of less than a byte",
    web({ options: { shm_size: "0.5" } }),
    'servers.web.options.shm_size "0.5" is less than a byte: write 512m or 2g',
  ],
  [
    "a size that no number holds",
    web({ options: { memory: "999999999999999999999g" } }),
    'servers.web.options.memory "999999999999999999999g" is too large',
  ],
  ["a share of a processor that is none", web({ options: { cpus: 1e-10 } }), "servers.web.options.cpus should be at least 0.01"],
  ["a user without a name", web({ options: { user: "" } }), "servers.web.options.user should not be empty"],
  ["a group without a name", web({ options: { group_add: [""] } }), "servers.web.options.group_add[0] should not be empty"],
  [
    "a limit that no number holds",
    web({ options: { ulimit: "nofile=99999999999999999999" } }),
    'servers.web.options.ulimit "nofile=99999999999999999999" is too large',
  ],
  [
    "a limit that is set twice",
    web({ options: { ulimit: ["nofile=1:2", "nofile=3:4"] } }),
    "servers.web.options.ulimit nofile is set twice",
  ],
  [
    "a soft limit above the hard one",
    web({ options: { ulimit: "nofile=2:1" } }),
    'servers.web.options.ulimit "nofile=2:1": the soft limit is above the hard one',
  ],
  [
    "more restarts than a number holds",
    web({ options: { restart: "on-failure:99999999999999999999" } }),
    "servers.web.options.restart should be no, always, unless-stopped, on-failure or on-failure:N",
  ],
]);

describeRefusals("one path in a container is mounted once, however it is spelt", [
  ["with a slash at its end", { volumes: ["a1:/data", "b1:/data/"] }, 'volumes[1] "/data/" is already mounted'],
  ["with a dot", { volumes: ["a1:/data", "b1:/data/."] }, 'volumes[1] "/data/." is already mounted'],
  ["with two slashes", { volumes: ["a1:/data", "b1://data"] }, 'volumes[1] "//data" is already mounted'],
  ["the root folder", { volumes: ["a1:/"] }, 'volumes[0] the target "/" should be a folder in the container, not its root'],
  [
    "as a tmpfs",
    { volumes: ["a1:/data"], ...web({ options: { tmpfs: "/data/" } }) },
    'servers.web.options.tmpfs "/data/" is already mounted',
  ],
  ["as assets", { volumes: ["a1:/assets/"], asset_path: "/assets" }, 'asset_path "/assets" is also mounted as a volume'],
  [
    "as a tmpfs over assets",
    { asset_path: "/assets", ...web({ options: { tmpfs: "/assets/" } }) },
    'asset_path "/assets" is also mounted as a tmpfs',
  ],
]);
