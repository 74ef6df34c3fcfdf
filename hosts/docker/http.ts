/**
 * Node's `http`, without the cost of importing it: `import` reads every export of a built-in module, and one of this module's loads
 * the whole of fetch, 17 ms of each run.
 */
export const http: typeof import("node:http") = process.getBuiltinModule("node:http");
