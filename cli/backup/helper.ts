import { randomBytes } from "node:crypto";
import { type ArchiveEntry, type Attached, type CreateBody, Demultiplexer, type Host } from "../../hosts/index.ts";

/** A container for one command. It is gone with its end, and no schedule knows of it. @param body its labels are those of a temporary one */
export async function startHelper(
  { docker }: Host,
  name: string,
  { HostConfig, Labels, ...body }: CreateBody & Required<Pick<CreateBody, "Labels">>,
  files: readonly ArchiveEntry[] = [],
): Promise<Attached> {
  const { id } = await docker.create(`${name}-${randomBytes(4).toString("hex")}`, {
    ...body,
    Labels,
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: { ...HostConfig, AutoRemove: true },
  });
  try {
    if (files.length > 0) await docker.writeFiles(id, "/", files);
    const attached = await docker.attach(id, { tty: false, input: true });
    await docker.start(id);
    return attached;
  } catch (thrown) {
    await docker.remove(id, { force: true, anonymousVolumes: true });
    throw thrown;
  }
}

/** What it wrote to standard output, as it comes; at its end it must have gone well. */
export async function* outputOf(attached: Attached, what: string): AsyncGenerator<Buffer> {
  const parts = new Demultiplexer();
  let complaint = "";
  for await (const chunk of attached.stream as AsyncIterable<Buffer>)
    for (const { from, data } of parts.add(chunk)) {
      if (from === "stdout") yield data;
      else complaint = `${complaint}${data.toString("utf8")}`.slice(-MOST);
    }
  const code = await attached.exitCode();
  if (code !== 0) throw new Error(`${what} ended with code ${code}: ${complaint.trim()}`);
}

/** Of what a command complains, the end. */
const MOST = 4000;
