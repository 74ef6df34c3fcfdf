/**
 * Which file may import which: `npm run check` fails on anything else. Folders are layers and imports point one way
 * (docs/architecture.md). A new folder joins the list of its layer below.
 */

/** From low to high: a layer imports itself and what its line names. */
const LAYERS = {
  core: [],
  registry: ["core"],
  builder: ["core", "registry", "project"],
  config: ["core", "registry"],
  kamal: ["core"],
  secrets: ["core", "registry", "config"],
  hosts: ["core"],
  providers: ["core", "registry", "builder", "hosts", "project", "secrets"],
  project: ["core", "kamal"],
  components: ["core", "registry", "builder", "config", "kamal", "secrets", "hosts", "providers", "project"],
  cli: ["core", "registry", "builder", "config", "kamal", "secrets", "hosts", "providers", "project"],
};

/** Folders of one layer, from low to high: each imports those before it, never one after it. */
const ROOMS = {
  registry: ["store", "image-file", "endpoint"],
  config: ["schema", "container", "env", "proxy", "hosts", "release", "schedule", "accessory"],
  kamal: ["source", "ruby", "yaml", "files", "translate", "project"],
  hosts: ["ssh", "docker", "lease", "watch", "machine", "proxy"],
  components: ["pulumi", "keys", "hetzner", "server", "declare", "app", "alone"],
  cli: ["terminal", "stack", "engine", "deploy", "reconfigure"],
};

const product = `^(?:program\\.ts$|(?:${Object.keys(LAYERS).join("|")})/)`;
/** What a layer imports of a higher one: what a config declares is pure, and a command can say what a run would declare. */
const ABOVE = { cli: ["components/declare"] };

const below = (layer) => [layer, ...LAYERS[layer], ...(ABOVE[layer] ?? [])].join("|");

/** A layer imports nothing above it. */
const layers = Object.keys(LAYERS).map((layer) => ({
  name: `layer-${layer}`,
  comment: `${layer}/ imports only ${[...LAYERS[layer], ...(ABOVE[layer] ?? [])].join(", ") || "itself"}`,
  severity: "error",
  from: { path: `^${layer}/` },
  to: { path: product, pathNot: `^(?:${below(layer)})/` },
}));

/** A folder of a layer imports none of those above it, nor the files beside the folders. */
const rooms = Object.entries(ROOMS).flatMap(([layer, order]) =>
  order.map((room, at) => ({
    name: `room-${layer}-${room}`,
    comment: `${layer}/${room} imports only ${order.slice(0, at).join(", ") || "itself"} of ${layer}/`,
    severity: "error",
    from: { path: `^${layer}/${room}/` },
    to: { path: `^${layer}/`, pathNot: `^${layer}/(?:${order.slice(0, at + 1).join("|")})/` },
  })),
);

module.exports = {
  forbidden: [
    ...layers,
    ...rooms,
    {
      name: "no-circle",
      comment: "two files that import each other are one file, or need a third",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "layer-door",
      comment: "the hosts layer is used through hosts/index.ts",
      severity: "error",
      from: { path: product, pathNot: "^hosts/" },
      to: { path: "^hosts/", pathNot: "^hosts/index\\.ts$" },
    },
    {
      name: "product-alone",
      comment: "the product imports neither its tools, nor its lab, nor its tests",
      severity: "error",
      from: { path: product, pathNot: "\\.test\\.ts$" },
      to: { path: "^(?:tools|lab|test|examples)/" },
    },
    {
      name: "examples-as-users",
      comment: "an example imports what its user can: packages, slipway by its name, and its own files",
      severity: "error",
      from: { path: "^examples/([^/]+)/" },
      to: { path: `${product}|^(?:tools|lab|test|examples)/`, pathNot: "^components/index\\.ts$|^examples/$1/" },
    },
    {
      name: "hosts-without-pulumi",
      comment: "how a host is reached knows nothing of Pulumi",
      severity: "error",
      from: { path: "^(?:core|registry|builder|config|hosts)/" },
      to: { path: "node_modules/@pulumi/" },
    },
    {
      name: "declare-is-pure",
      comment: "what a config declares knows nothing of Pulumi, and the commands use it",
      severity: "error",
      from: { path: "^components/declare/" },
      to: { path: "node_modules/@pulumi/|^components/(?!declare/)" },
    },
    {
      name: "components-types-only",
      comment:
        "components declare what providers converge: they share types alone. Except programs.ts, whose hash of the programs of backups is an input",
      severity: "error",
      from: { path: "^components/" },
      to: { path: "^providers/", pathNot: "^providers/schedule/programs\\.ts$", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "plan-is-pure",
      comment: "a plan is a function of two values: it reads no host, no file and no clock",
      severity: "error",
      from: { path: "^providers/[^/]+/(?:plan|describe|operation)[^/]*\\.ts$" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "commands-apart",
      comment:
        "a command of the CLI uses terminal/, stack/, engine/ and deploy/, or what another command shows; never its command.ts",
      severity: "error",
      from: { path: "^cli/", pathNot: "^cli/program\\.ts$" },
      to: { path: "^cli/[^/]+/command\\.ts$" },
    },
    {
      name: "steps-know-no-noun",
      comment: "what several providers share knows none of them",
      severity: "error",
      from: { path: "^providers/(?:pulumi|steps|container)/" },
      to: { path: "^providers/", pathNot: "^providers/(?:pulumi|steps|container)/" },
    },
    {
      name: "runner-alone",
      comment: "the programs of backups are copied into a container: they import each other, their packages, and types",
      severity: "error",
      from: { path: "^providers/schedule/runner/" },
      to: { path: product, pathNot: "^providers/schedule/runner/", dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};
