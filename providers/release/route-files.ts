import type { RouteOptions } from "../../core/route.ts";

/** Whether a route names a file of this folder of the proxy. */
export const isNamedIn = (options: RouteOptions, folder: string): boolean =>
  pathsOf(options).some((path) => path.includes(`/${folder}/`) || path.endsWith(`/${folder}`));

const pathsOf = ({ tls, errorPages }: RouteOptions): string[] => [
  ...(tls.kind === "certificate" ? [tls.certificatePath, tls.privateKeyPath] : []),
  ...(errorPages === undefined ? [] : [errorPages]),
];
