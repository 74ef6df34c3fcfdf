import { z } from "zod";
import { ApiError, invalid } from "./api-error.ts";
import { LOCATIONS } from "./catalogue.ts";
import type { Volume } from "./objects.ts";
import type { Project } from "./project.ts";
import { bodyOf, changeProtection, ID_OR_NAME, LABELS, mustBeUnprotected, type Routes, routesOf } from "./routes.ts";

const Create = z.object({
  name: z.string().min(1),
  size: z.number().int().min(10).max(10_240),
  server: z.number().nullish(),
  location: ID_OR_NAME.optional(),
  labels: LABELS.optional(),
  automount: z.boolean().optional(),
  format: z.enum(["ext4", "xfs"]).optional(),
});
const Attach = z.object({ server: z.number(), automount: z.boolean().optional() });
const Resize = z.object({ size: z.number().int() });

export function volumeRoutes(project: Project): Routes {
  const { volumes, actions } = project;
  const on = ({ id }: Volume) => [{ id, type: "volume" }] as const;
  return {
    ...routesOf(actions, {
      many: "volumes",
      items: volumes,
      shown,
      remove: (volume) => {
        mustBeUnprotected("volume", volume);
        if (volume.server !== null)
          throw new ApiError("resource_in_use", `volume with ID '${volume.id}' is attached to a server`);
        volumes.remove(volume.id);
        return undefined;
      },
      actions: {
        attach: (volume, body) => {
          const { server } = bodyOf(Attach, body);
          mustFit(project, volume, server);
          return actions.start("attach_volume", on(volume), () => void Object.assign(volume, { server }));
        },
        detach: (volume) => actions.start("detach_volume", on(volume), () => void Object.assign(volume, { server: null })),
        resize: (volume, body) => {
          const { size } = bodyOf(Resize, body);
          if (size <= volume.size) throw invalid("size", "must be larger than the volume");
          return actions.start("resize_volume", on(volume), () => void Object.assign(volume, { size }));
        },
        change_protection: (volume, body) => actions.start("change_protection", on(volume), () => changeProtection(volume, body)),
      },
    }),
    "POST /volumes": ({ body }) => {
      const { name, size, server, location, labels, format = null } = bodyOf(Create, body);
      const at =
        server == null
          ? LOCATIONS.find((one) => one.name === location || one.id === Number(location))
          : project.servers.get(server).location;
      if (at === undefined) throw invalid("location", "is unknown");
      const start = { size, server: null, format, location: at, protection: { delete: false } };
      const volume: Volume = volumes.add({ ...project.item(name, labels), ...start });
      const [action, ...next_actions] = actions.sequence({ id: volume.id, type: "volume" }, [
        { command: "create_volume", resources: on(volume), work: () => {} },
        ...(server == null
          ? []
          : [{ command: "attach_volume", resources: on(volume), work: () => void Object.assign(volume, { server }) }]),
      ]);
      return { status: 201, body: { volume: shown(volume), action, next_actions } };
    },
  };
}

function mustFit(project: Project, volume: Volume, server: number): void {
  if (volume.server !== null) throw new ApiError("volume_already_attached", "volume is already attached to a server");
  if (project.servers.get(server).location.id !== volume.location.id)
    throw invalid("server", "is in a different location than the volume");
}

const shown = (volume: Volume): object => ({
  ...volume,
  status: "available",
  linux_device: `/dev/disk/by-id/scsi-0HC_Volume_${volume.id}`,
});
