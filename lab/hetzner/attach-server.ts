import type { Attachment, Server } from "./objects.ts";
import type { Project } from "./project.ts";

/** Attaches the server, and the machine behind it, to a network. */
export async function attachServer(project: Project, server: Server, attachment: Attachment): Promise<void> {
  server.attachments.push(attachment);
  await project.machines.attach?.(server.name, attachment.ip, project.networks.get(attachment.network).ip_range);
  project.balancers.changed();
}
