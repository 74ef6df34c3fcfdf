/**
 * Loaded into every Node process of a Pulumi run (`NODE_OPTIONS=--require`): some packages are loaded at their first use instead of at the
 * start. At its start, Pulumi's SDK loads the TypeScript compiler and npm's arborist to serialize functions and to find their packages,
 * and what its automation API needs; dockerode loads protobuf to serve BuildKit. Slipway uses none of it. Measured on 2 cores with a warm
 * compile cache: the SDK's 0.48 s become 0.13 s, in the program and again in the provider process.
 *
 * `SLIPWAY_PLAIN=1` turns it off, to find out whether it is the cause of a problem.
 */
const Module = require("node:module");

const LOADED_LATE = new Set([
  "typescript",
  "ts-node",
  "@npmcli/arborist",
  "normalize-package-data",
  "execa",
  "js-yaml",
  "@grpc/proto-loader",
]);
/**
 * What only the SDK gets late: 70 files, which a program of the user's own may use in other ways than the SDK does. `./createClosure` is what
 * loads the SDK's own copy of TypeScript where the project has none, as most have that are a stack's file alone.
 */
const LOADED_LATE_BY_SDK = new Set(["./automation", "semver", "./createClosure"]);
const SDK = /[\\/]node_modules[\\/]@pulumi[\\/]pulumi[\\/](?:index|(?:cmd|runtime)[\\/].+)\.js$/;
const load = Module._load;

if (process.env.SLIPWAY_PLAIN !== "1") Module._load = loadLate;

/**
 * Before each program, Pulumi turns on V8's debugger, to name the file of a function that cannot be serialized. It is turned on with the first
 * function that is serialized all the same, so just that name is missing in the error.
 */
const DEBUGGER = "../../runtime/closure/v8Hooks";
const NO_DEBUGGER = { isInitializedAsync: async () => {} };

function loadLate(request, parent, isMain) {
  if (request === DEBUGGER && SDK.test(parent?.filename ?? "")) return NO_DEBUGGER;
  const isLate = LOADED_LATE.has(request) || (LOADED_LATE_BY_SDK.has(request) && SDK.test(parent?.filename ?? ""));
  if (!isLate) return load.call(this, request, parent, isMain);
  // A missing package throws at once, as without this: the SDK then uses its own copy.
  Module._resolveFilename(request, parent, isMain);
  return onFirstUse(() => load.call(this, request, parent, isMain));
}

function onFirstUse(load) {
  let loaded;
  const real = () => {
    loaded ??= load();
    return loaded;
  };
  // A compiled `import * as` reads these at once. A module with `__esModule` is used as it is, and `default` is what such code would make of it.
  const own = { __esModule: () => true, default: () => (real().__esModule ? real().default : real()) };
  return new Proxy(placeholder, {
    get: (_, key) => (Object.hasOwn(own, key) ? own[key]() : real()[key]),
    has: (_, key) => key in real(),
    apply: (_, self, args) => Reflect.apply(real(), self, args),
    construct: (_, args) => Reflect.construct(real(), args),
  });
}

/** A proxy can only be called if its target is a function, as some modules are. */
function placeholder() {}
