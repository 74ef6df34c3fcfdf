import { z } from "zod";
import { Address } from "../../hosts/index.ts";
import type { AccessoryInputs } from "./inputs.ts";

/** An accessory of which only its names are known: enough to remove it. Its data is kept. */
export const AccessoryRemains = z
  .object({
    host: Address,
    stack: z.string().catch(""),
    service: z.string(),
    destination: z.string().optional(),
    accessory: z.string(),
    container: z.string(),
    image: z.string().catch("none"),
    stopTimeout: z.number().catch(30),
    network: z.string().optional().catch(undefined),
  })
  .transform(
    ({ network, ...names }): AccessoryInputs => ({
      ...names,
      schema: 1,
      spec: "",
      publish: [],
      env: {},
      secretEnv: {},
      secretsFingerprint: "",
      files: [],
      directories: [],
      mounts: [],
      labels: {},
      options: {
        restart: { name: "no" },
        capAdd: [],
        capDrop: [],
        readOnly: false,
        tmpfs: {},
        addHost: [],
        ulimits: [],
      },
      ...(network === undefined ? {} : { network }),
      logging: { driver: "", options: {} },
      ready: { by: "docker", delay: 0 },
      bootTimeout: 0,
      data: "keep",
      secrets: {},
      status: "running",
    }),
  );
