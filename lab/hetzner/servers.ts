import { z } from "zod";
import type { Action } from "./actions.ts";
import { ApiError, invalid } from "./api-error.ts";
import { attachServer } from "./attach-server.ts";
import { SERVER_TYPES } from "./catalogue.ts";
import { forgetServer } from "./firewalls.ts";
import { planAttachment } from "./networks.ts";
import type { Attachment, Server, ServerStatus } from "./objects.ts";
import { mustHaveRoom } from "./placement-groups.ts";
import { assign } from "./primary-ips.ts";
import type { Project } from "./project.ts";
import { bodyOf, changeProtection, ID_OR_NAME, mustBeUnprotected, type Routes, routesOf, type Started } from "./routes.ts";
import { createServer } from "./server-create.ts";
import { shownServer } from "./server-shown.ts";

const ToNetwork = z.object({
  network: z.number(),
  ip: z.string().nullish(),
  ip_range: z.string().nullish(),
  alias_ips: z.array(z.string()).nullish(),
});
const OfNetwork = z.object({ network: z.number() });
const Aliases = z.object({ network: z.number(), alias_ips: z.array(z.string()) });
const Type = z.object({ server_type: ID_OR_NAME, upgrade_disk: z.boolean() });
const Group = z.object({ placement_group: z.number() });

export function serverRoutes(project: Project): Routes {
  const { servers } = project;
  return {
    ...routesOf(project.actions, {
      many: "servers",
      items: servers,
      shown: (server) => shownServer(project, server),
      change: () => project.balancers.changed(),
      remove: (server) => removeServer(project, server),
      actions: { ...powerActions(project), ...networkActions(project), ...otherActions(project) },
    }),
    "POST /servers": ({ body }) => createServer(project, body),
  };
}

type ServerActions = Readonly<Record<string, (server: Server, body: unknown) => Started>>;

const on = ({ id }: Server) => [{ id, type: "server" }] as const;

function powerActions(project: Project): ServerActions {
  const { actions, machines, balancers } = project;
  const power = (command: string, state: "on" | "off", status: ServerStatus) => (server: Server) =>
    actions.start(command, on(server), async () => {
      if ((server.status === "running") !== (state === "on")) await machines.power?.(server.name, state);
      server.status = status;
      balancers.changed();
    });
  const restart = (command: string) => (server: Server) =>
    actions.start(command, on(server), async () => {
      await machines.power?.(server.name, "off");
      await machines.power?.(server.name, "on");
      server.status = "running";
    });
  return {
    poweron: power("start_server", "on", "running"),
    poweroff: power("stop_server", "off", "off"),
    shutdown: power("shutdown_server", "off", "off"),
    reboot: restart("reboot_server"),
    reset: restart("reset_server"),
  };
}

function networkActions(project: Project): ServerActions {
  const { actions } = project;
  return {
    attach_to_network: (server, body) => {
      const { network, ip, ip_range, alias_ips } = bodyOf(ToNetwork, body);
      if (server.attachments.some((one) => one.network === network))
        throw new ApiError("server_already_attached", "server is already attached to this network");
      const wanted = { ip: ip ?? undefined, range: ip_range ?? undefined, aliases: alias_ips ?? undefined };
      // Planned twice: an invalid request is refused at once, and two servers at the same time get different addresses.
      planAttachment(project, network, wanted);
      return actions.start("attach_to_network", [...on(server), { id: network, type: "network" }], () =>
        attachServer(project, server, planAttachment(project, network, wanted)),
      );
    },
    detach_from_network: (server, body) => {
      const { network } = bodyOf(OfNetwork, body);
      const attachment = attachmentOf(server, network);
      return actions.start("detach_from_network", [...on(server), { id: network, type: "network" }], async () => {
        server.attachments = server.attachments.filter((one) => one !== attachment);
        await project.machines.detach?.(server.name, attachment.ip, project.networks.get(network).ip_range);
      });
    },
    change_alias_ips: (server, body) => {
      const { network, alias_ips } = bodyOf(Aliases, body);
      const attachment = attachmentOf(server, network);
      return actions.start("change_alias_ips", on(server), () => void Object.assign(attachment, { alias_ips }));
    },
  };
}

function otherActions(project: Project): ServerActions {
  const { actions } = project;
  return {
    change_protection: (server, body) => actions.start("change_protection", on(server), () => changeProtection(server, body)),
    change_type: (server, body) => {
      const { server_type, upgrade_disk } = bodyOf(Type, body);
      const type = SERVER_TYPES.find(({ id, name }) => id === Number(server_type) || name === server_type);
      if (type === undefined) throw invalid("server_type", "is unknown");
      mustBeStopped(server);
      return actions.start("change_server_type", on(server), () => {
        server.type = type;
        if (upgrade_disk) server.diskSize = type.disk;
      });
    },
    enable_backup: (server) =>
      actions.start("enable_backup", on(server), () => void Object.assign(server, { backupWindow: "22-02" })),
    disable_backup: (server) =>
      actions.start("disable_backup", on(server), () => void Object.assign(server, { backupWindow: null })),
    add_to_placement_group: (server, body) => {
      const { placement_group: placementGroup } = bodyOf(Group, body);
      mustBeStopped(server);
      mustHaveRoom(project, placementGroup);
      return actions.start("add_to_placement_group", on(server), () => void Object.assign(server, { placementGroup }));
    },
    remove_from_placement_group: (server) =>
      actions.start("remove_from_placement_group", on(server), () => void Object.assign(server, { placementGroup: null })),
  };
}

function mustBeStopped({ id, status }: Server): void {
  if (status !== "off") throw new ApiError("server_not_stopped", `server with ID '${id}' must be powered off`);
}

function attachmentOf(server: Server, network: number): Attachment {
  const found = server.attachments.find((one) => one.network === network);
  if (found === undefined) throw new ApiError("not_found", "server is not attached to this network");
  return found;
}

/** Removes every reference to the server: its addresses, and its entries in load balancers and firewalls. */
function removeServer(project: Project, server: Server): Action {
  mustBeUnprotected("server", server);
  const action = project.actions.start("delete_server", on(server), async () => {
    await project.machines.remove(server.name);
    project.servers.remove(server.id);
    for (const ip of project.primaryIps.all.filter(({ assignee_id }) => assignee_id === server.id)) {
      assign(project, ip, null);
      if (ip.auto_delete) project.primaryIps.remove(ip.id);
    }
    for (const volume of project.volumes.all) if (volume.server === server.id) volume.server = null;
    for (const balancer of project.loadBalancers.all)
      balancer.targets = balancer.targets.filter((target) => target.server?.id !== server.id);
    forgetServer(project, server.id);
    project.balancers.changed();
  });
  server.status = "deleting";
  return action;
}
