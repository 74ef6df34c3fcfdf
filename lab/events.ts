import type Dockerode from "dockerode";
import { z } from "zod";

const RawEvent = z.object({
  Type: z.string(),
  Action: z.string(),
  timeNano: z.number(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).nullish() }),
});

/** Something that happened in a host's Docker. */
export interface DockerEvent {
  /** @example "container" */
  readonly type: string;
  /** @example "start" */
  readonly action: string;
  /** Name of a container, network or volume, reference of an image, or else the id. */
  readonly name: string;
  readonly id: string;
  readonly at: Date;
}

/** The events that change something. Not included: exec_*, attach, top, health_status, mount, image save. */
const MUTATIONS: Readonly<Record<string, readonly string[]>> = {
  container: [
    "create",
    "start",
    "stop",
    "kill",
    "die",
    "oom",
    "destroy",
    "rename",
    "update",
    "restart",
    "pause",
    "unpause",
    "copy",
  ],
  image: ["pull", "push", "tag", "untag", "delete", "import", "load", "build"],
  network: ["create", "destroy", "remove", "connect", "disconnect"],
  volume: ["create", "destroy"],
};
/** Docker keeps this many events and silently drops older ones. */
const REMEMBERED = 256;

/** The mutations since then, oldest first. Throws if Docker may have dropped some, so that lost events never count as none. */
export async function readMutations(docker: Dockerode, since: Date): Promise<DockerEvent[]> {
  const stream = await docker.getEvents({ since: since.getTime() / 1000, until: (Date.now() + 1) / 1000 });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  const lines = Buffer.concat(chunks).toString().split("\n").filter(Boolean);
  if (lines.length >= REMEMBERED)
    throw new Error(`more than ${REMEMBERED} Docker events since ${since.toISOString()}: some are lost; call this sooner`);
  const events = lines.map((line) => RawEvent.parse(JSON.parse(line)));
  return events.filter(({ Type, Action }) => MUTATIONS[Type]?.includes(Action)).map(eventOf);
}

const eventOf = ({ Type, Action, timeNano, Actor }: z.infer<typeof RawEvent>): DockerEvent => ({
  type: Type,
  action: Action,
  name: (Type === "image" ? undefined : Actor.Attributes?.name) ?? Actor.ID,
  id: Actor.ID,
  at: new Date(timeNano / 1e6),
});
