import { Network } from "./answers.ts";
import type { CreateBody } from "./create-body.ts";
import { changeUnless, lookUp, type Removal, removal } from "./request.ts";
import type { DockerTransport } from "./transport.ts";

export async function inspectNetwork(transport: DockerTransport, name: string): Promise<Network | undefined> {
  const found = await lookUp(transport, "inspect network", (docker) => docker.getNetwork(name).inspect());
  // Docker also matches the beginning of an id.
  const network = found === undefined ? undefined : Network.parse(found);
  return network?.name === name ? network : undefined;
}

export async function createNetwork(
  transport: DockerTransport,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const body = { Name: name, Labels: { ...labels }, Driver: "bridge", CheckDuplicate: true };
  await changeUnless(transport, "create network", [409], (docker) => docker.createNetwork(body));
}

/** How a container is in a network. */
export type Endpoint = NonNullable<NonNullable<CreateBody["NetworkingConfig"]>["EndpointsConfig"]>[string];

export const connectNetwork = (transport: DockerTransport, name: string, container: string, endpoint: Endpoint): Promise<void> =>
  transport.change("connect to network", (docker) =>
    docker.getNetwork(name).connect({ Container: container, EndpointConfig: endpoint }),
  );

export const removeNetwork = (transport: DockerTransport, name: string): Promise<Removal> =>
  removal(transport, "remove network", (docker) => docker.getNetwork(name).remove());
