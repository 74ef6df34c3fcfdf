/**
 * Node's `http` without the cost of an import: `import` evaluates every export of a built-in module, and one export of `http` loads
 * all of fetch, which takes 17 ms of each run.
 */
export const http: typeof import("node:http") = process.getBuiltinModule("node:http");
