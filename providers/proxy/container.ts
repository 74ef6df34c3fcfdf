import { STACK_LABEL } from "../../core/owner.ts";
import { type CreateBody, KAMAL_PROXY } from "../../hosts/index.ts";
import type { ProxyInputs } from "./inputs.ts";

/** The proxy as Kamal runs it, so that either tool can take over from the other. */
export function proxyBody({ image, publish, options, logMaxSize, stack }: ProxyInputs): CreateBody {
  const ports = publish.map(parsePort);
  return {
    Image: image,
    Cmd: ["kamal-proxy", "run", ...options],
    Labels: { "slipway.proxy": "kamal-proxy", [STACK_LABEL]: stack },
    ExposedPorts: Object.fromEntries(ports.map(({ container }) => [container, {}])),
    HostConfig: {
      NetworkMode: KAMAL_PROXY.network,
      RestartPolicy: { Name: "unless-stopped" },
      Mounts: [{ Type: "volume", Source: KAMAL_PROXY.volume, Target: KAMAL_PROXY.configFolder }],
      PortBindings: Object.fromEntries(
        ports.map(({ container }) => [
          container,
          ports.filter((port) => port.container === container).map(({ address, port }) => ({ HostIp: address, HostPort: port })),
        ]),
      ),
      LogConfig: { Type: "json-file", Config: { "max-size": logMaxSize } },
    },
  };
}

/** `[address:]host port:container port`; the address may be IPv6, so it is parsed from the right. */
function parsePort(written: string): { address: string; port: string; container: string } {
  const [container = "", port = "", ...address] = written.split(":").reverse();
  return { address: address.reverse().join(":"), port, container: `${container}/tcp` };
}
