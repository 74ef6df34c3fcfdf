import { describeRefusals, web } from "../refusals.ts";

describeRefusals("names", [
  [
    "refuses a service with a dot",
    { service: "my.shop" },
    'service "my.shop" is not a valid name of a service: use letters, digits, - and _, and begin with a letter or digit',
  ],
  [
    "refuses a destination with a slash",
    { destination: "a/b" },
    'destination "a/b" is not a valid name of a destination: use letters, digits, - and _, and begin with a letter or digit',
  ],
  [
    "refuses a role with a blank",
    { servers: { web: ["a.example.com"], "my jobs": ["a.example.com"] } },
    'servers["my jobs"] "my jobs" is not a valid name of a role: use letters, digits, - and _, and begin with a letter or digit',
  ],
  ["refuses an image with whitespace", { image: "shop 1" }, 'image "shop 1" contains whitespace'],
  [
    "refuses upper case before the tag",
    { image: "ghcr.io/Acme/shop:V1" },
    'image "ghcr.io/Acme/shop:V1" has uppercase letters before the tag: write "ghcr.io/acme/shop:V1"',
  ],
  ["refuses an empty image", { image: "" }, "image should name an image: ghcr.io/acme/shop:1.4.2"],
  ["refuses an image with a scheme", { image: "https://ghcr.io/acme/shop" }, "image write it without https://"],
  [
    "refuses a version that is no tag",
    { version: "1/2" },
    'version "1/2" is not a valid name of a release: letters, digits, ., - and _, at most 128, and not . or - at the beginning',
  ],
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
    { env: { "MY VAR": "x" } },
    'env["MY VAR"] is not a valid variable name: use letters, digits, _, . and -',
  ],
  [
    "refuses a name that a tag's value has",
    { env: { clear: { "tags.eu.A": "x" } } },
    'env.clear["tags.eu.A"] is not a valid variable name: use letters, digits, _, . and -',
  ],
]);
