import type * as pulumi from "@pulumi/pulumi";
import type { ProxyRun } from "../../config/index.ts";
import { DynamicResource, type HostInput, stackName } from "../pulumi/dynamic.ts";
import type { RegistryArgs } from "./registry-login.ts";

export interface ProxyArgs {
  readonly host: HostInput;
  /** How its container runs; the routes are the releases' own. */
  readonly run: ProxyRun;
  /** Sent with the pull of the proxy's image; for images of a private registry. */
  readonly registry?: RegistryArgs | undefined;
}

/** kamal-proxy on one host. Stacks that share the host share it: it stays until the last one goes. */
export class Proxy extends DynamicResource<object> {
  constructor(name: string, { host, run, registry }: ProxyArgs, opts: pulumi.CustomResourceOptions = {}) {
    const inputs = {
      host,
      stack: stackName(),
      image: proxyImage(run),
      publish: publishedPorts(run),
      options: runOptions(run),
      logMaxSize: run.logMaxSize,
      status: "running",
      ...(registry === undefined ? {} : { registry }),
    };
    super("proxy", name, inputs, opts);
  }
}

const proxyImage = ({ registry, repository, version }: ProxyRun): string =>
  `${registry === undefined ? "" : `${registry}/`}${repository}:${version}`;

const HTTP = 80;
const HTTPS = 443;

function publishedPorts({ publish, bindIps, httpPort, httpsPort, metricsPort }: ProxyRun): string[] {
  if (!publish) return [];
  const ports = [`${httpPort}:${HTTP}`, `${httpsPort}:${HTTPS}`];
  const everywhere = bindIps.length === 0 ? ports : bindIps.flatMap((ip) => ports.map((port) => `${ip}:${port}`));
  // Numbers about every app of the host are nobody's business on a public address.
  const metrics = metricsPort === undefined ? [] : [`127.0.0.1:${metricsPort}:${metricsPort}`];
  return [...everywhere, ...metrics].sort();
}

const runOptions = ({ debug, metricsPort }: ProxyRun): string[] => [
  ...(debug ? ["--debug"] : []),
  ...(metricsPort === undefined ? [] : [`--metrics-port=${metricsPort}`]),
];
