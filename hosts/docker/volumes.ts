import type { Bytes } from "../../core/words.ts";
import { Volume, Volumes, VolumeUsage } from "./answers.ts";
import { type LabelFilter, labelFilter } from "./labels.ts";
import { dial, lookUp, type Removal, removal } from "./request.ts";
import type { DockerTransport } from "./transport.ts";

export async function inspectVolume(transport: DockerTransport, name: string): Promise<Volume | undefined> {
  const found = await lookUp(transport, "inspect volume", (docker) => docker.getVolume(name).inspect());
  return found === undefined ? undefined : Volume.parse(found);
}

export async function listVolumes(transport: DockerTransport, labels: LabelFilter): Promise<Volume[]> {
  const filters = JSON.stringify({ label: labelFilter(labels) });
  return Volumes.parse(await transport.read("list volumes", (docker) => docker.listVolumes({ filters })));
}

/** Docker looks at each file. */
const COUNTING = { pace: "stream", extra: 270 } as const;

export async function volumeBytes(transport: DockerTransport): Promise<ReadonlyMap<string, Bytes>> {
  const request = { path: "/system/df?", method: "GET", options: { type: "volume" }, statusCodes: { 200: true } };
  return VolumeUsage.parse(await transport.read("count volumes", (docker) => dial(docker, request), COUNTING));
}

export async function ensureVolume(
  transport: DockerTransport,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  await transport.change("create volume", (docker) => docker.createVolume({ Name: name, Labels: { ...labels } }));
}

export const removeVolume = (transport: DockerTransport, name: string): Promise<Removal> =>
  removal(transport, "remove volume", (docker) => docker.getVolume(name).remove());
