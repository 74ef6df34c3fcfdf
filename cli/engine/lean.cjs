/**
 * Loaded into every Node process of a Pulumi run (`NODE_OPTIONS=--require`). Pulumi's SDK loads the TypeScript compiler and npm's
 * arborist at its start, to serialize functions and to find their packages, and what its automation API needs, and dockerode loads
 * protobuf to serve BuildKit; none of these is used here. Measured on 2 cores with a warm compile cache: the SDK's 0.48 s become 0.15 s, in the program and again in the
 * provider process. Nothing is taken away: the first use loads it.
 */
const Module = require("node:module");

const SELDOM_USED = new Set([
  "typescript",
  "ts-node",
  "@npmcli/arborist",
  "normalize-package-data",
  "execa",
  "js-yaml",
  "@grpc/proto-loader",
]);
const load = Module._load;

Module._load = function (request, parent, isMain) {
  if (!SELDOM_USED.has(request)) return load.call(this, request, parent, isMain);
  // What is not installed throws now, as ever: the SDK has a copy of its own for that.
  Module._resolveFilename(request, parent, isMain);
  return onFirstUse(() => load.call(this, request, parent, isMain));
};

function onFirstUse(load) {
  let loaded;
  const real = () => {
    loaded ??= load();
    return loaded;
  };
  // What compiled `import * as` asks at once. A module that says yes is taken as it is, and `default` is what such code would make of it.
  const own = { __esModule: () => true, default: () => (real().__esModule ? real().default : real()) };
  return new Proxy(standIn, {
    get: (_, key) => (Object.hasOwn(own, key) ? own[key]() : real()[key]),
    has: (_, key) => key in real(),
    apply: (_, self, args) => Reflect.apply(real(), self, args),
    construct: (_, args) => Reflect.construct(real(), args),
  });
}

/** Only a function can stand in for a module that is one. */
function standIn() {}
