import type { LabHost } from "../../lab/host.ts";
import { type Lab, startLab } from "../../lab/lab.ts";
import { hostFor } from "../../lab/lane.ts";
import { FirewallInputs } from "../../providers/firewall/inputs.ts";
import { type FirewallState, firewallProvider } from "../../providers/firewall/provider.ts";
import { hostOf } from "./hosts.ts";
import { pinnedImage, pulled } from "./images.ts";
import { addressOf, type ProviderRun } from "./provider-run.ts";

/** The port of the test app in its container. */
const APP = "3000/tcp";
const EVERYBODY = ["0.0.0.0/0", "::/0"];

/** A host with two containers: `web` answers on its ports 80 and 443, `db` on 5432. */
export async function publishingHost(): Promise<{ readonly lab: Lab; readonly host: LabHost }> {
  const lab = await startLab({ hosts: [hostFor("fw")] });
  const host = hostOf(lab);
  await host.reset();
  await host.dropSessions();
  const image = await pinnedImage(lab, "v1");
  await pulled(lab, host, image);
  await publish(host, image, "web", ["80", "443"]);
  await publish(host, image, "db", ["5432"]);
  return { lab, host };
}

async function publish(host: LabHost, image: string, name: string, ports: readonly string[]): Promise<void> {
  const bindings = ports.map((port) => ({ HostIp: "0.0.0.0", HostPort: port }));
  const container = await host.docker.createContainer({
    name,
    Image: image,
    ExposedPorts: { [APP]: {} },
    HostConfig: { PortBindings: { [APP]: bindings } },
  });
  await container.start();
}

/** As declared: closed but for the ports of `web`. */
export const aFirewall = (host: LabHost, changes: Partial<FirewallInputs> = {}): FirewallInputs =>
  FirewallInputs.parse({
    schema: 1,
    host: addressOf(host),
    stack: "slipway/lab",
    ssh: EVERYBODY,
    status: "closed but for these",
    open: ["80/tcp", "443/tcp"],
    ...changes,
  });

export const closedBy = async (inputs: FirewallInputs, run: ProviderRun, before?: FirewallState): Promise<FirewallState> =>
  firewallProvider.converge(inputs, before, run);
