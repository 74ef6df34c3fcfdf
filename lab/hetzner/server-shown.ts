import { datacenterOf } from "./catalogue.ts";
import { firewallsOf } from "./firewalls.ts";
import type { Server } from "./objects.ts";
import { shownPlacementGroup } from "./placement-groups.ts";
import type { Project } from "./project.ts";
import { fits } from "./selector.ts";

/** A server as the API shows it. */
export function shownServer(project: Project, server: Server): object {
  const { id, name, labels, created, status, type, image, location, protection, backupWindow, diskSize, placementGroup } = server;
  return {
    id,
    name,
    labels,
    created,
    status,
    location,
    image,
    protection,
    datacenter: datacenterOf(location),
    server_type: type,
    public_net: publicNetOf(project, server),
    private_net: server.attachments,
    included_traffic: type.included_traffic,
    outgoing_traffic: null,
    ingoing_traffic: null,
    backup_window: backupWindow,
    rescue_enabled: false,
    iso: null,
    locked: project.actions.isLocked({ id, type: "server" }),
    volumes: project.volumes.all.filter((volume) => volume.server === id).map((volume) => volume.id),
    primary_disk_size: diskSize,
    placement_group: placementGroup === null ? null : shownPlacementGroup(project, project.placementGroups.get(placementGroup)),
    load_balancers: project.loadBalancers.all
      .filter(({ targets }) =>
        targets.some(
          (target) =>
            target.server?.id === id || (target.label_selector !== undefined && fits(target.label_selector.selector, labels)),
        ),
      )
      .map((balancer) => balancer.id),
  };
}

function publicNetOf(project: Project, server: Server): object {
  const [ipv4, ipv6] = [server.ipv4, server.ipv6].map((id) => (id === null ? undefined : project.primaryIps.find(id)));
  return {
    ipv4:
      ipv4 === undefined
        ? null
        : { id: ipv4.id, ip: ipv4.ip, blocked: false, dns_ptr: `static.${ipv4.id}.clients.your-server.de` },
    ipv6: ipv6 === undefined ? null : { id: ipv6.id, ip: ipv6.ip, blocked: false, dns_ptr: [] },
    floating_ips: [],
    firewalls: firewallsOf(project, server).map(({ id }) => ({ id, status: "applied" })),
  };
}
