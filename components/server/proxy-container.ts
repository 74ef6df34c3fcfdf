import type * as pulumi from "@pulumi/pulumi";
import type { ProxyRun } from "../../config/index.ts";
import { omitUndefined } from "../../core/values.ts";
import { DynamicResource, type HostInput, stackName } from "../pulumi/dynamic.ts";
import type { RegistryCredentials } from "./registry-login.ts";

export interface ProxyContainerArgs {
  /**
   * The host that runs it.
   *
   * @example server.connection
   */
  readonly host: HostInput;
  /**
   * Image, ports and logs of the container; routes belong to releases.
   *
   * @example config.proxyRun
   */
  readonly run: ProxyRun;
  /**
   * Credentials that are sent with the pull of the proxy's image. Default: none, for a public image.
   *
   * @example { server: "registry.example.com", username: "deploy", password: config.requireSecret("registryPassword") }
   */
  readonly registry?: RegistryCredentials | undefined;
}

/** kamal-proxy on one host. Stacks on the same host share it: it stays until the last of them is destroyed. */
export class ProxyContainer extends DynamicResource<object> {
  constructor(name: string, args: ProxyContainerArgs, opts: pulumi.CustomResourceOptions = {}) {
    super("proxy", name, proxyInputs(args), opts);
  }
}

/** What its provider takes. */
export const proxyInputs = ({ host, run, registry }: ProxyContainerArgs) => ({
  host,
  stack: stackName(),
  image: proxyImage(run),
  publish: publishedPorts(run),
  options: runOptions(run),
  logMaxSize: run.logMaxSize,
  status: "running",
  ...omitUndefined({ registry }),
});

const proxyImage = ({ registry, repository, version }: ProxyRun): string =>
  `${registry === undefined ? "" : `${registry}/`}${repository}:${version}`;

const HTTP = 80;
const HTTPS = 443;

function publishedPorts({ publish, bindIps, httpPort, httpsPort, metricsPort }: ProxyRun): string[] {
  if (!publish) return [];
  const ports = [`${httpPort}:${HTTP}`, `${httpsPort}:${HTTPS}`];
  const everywhere = bindIps.length === 0 ? ports : bindIps.flatMap((ip) => ports.map((port) => `${ip}:${port}`));
  // Metrics cover every app of the host, so they are not published on a public address.
  const metrics = metricsPort === undefined ? [] : [`127.0.0.1:${metricsPort}:${metricsPort}`];
  return [...everywhere, ...metrics].sort();
}

const runOptions = ({ debug, metricsPort }: ProxyRun): string[] => [
  ...(debug ? ["--debug"] : []),
  ...(metricsPort === undefined ? [] : [`--metrics-port=${metricsPort}`]),
];
