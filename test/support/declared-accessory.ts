import { z } from "zod";
import type { DeclaredAccessory } from "../../cli/stack/accessories.ts";
import type { LabHost } from "../../lab/host.ts";
import type { LabStack } from "../../lab/stack.ts";
import { importState } from "./import-state.ts";

/** An accessory of the test app on a host, as the commands read it in the state of a successful run. */
export const anAccessory = (
  { name, address, port, hostKey }: LabHost,
  over: Partial<DeclaredAccessory> = {},
): DeclaredAccessory => ({
  host: { name, address, port, user: "root", hostKey },
  stack: "slipway/lab",
  accessory: "db",
  container: "shop-db",
  image: "shop:16.4",
  digest: "sha256:04bd",
  spec: "ab12cd34",
  containerPort: 3000,
  publish: [],
  env: { VERSION: "first" },
  secretEnv: { TOKEN: "TOKEN" },
  ready: { by: "http", port: 3000, path: "/up", timeout: 5 },
  stopTimeout: 10,
  bootTimeout: 10,
  gap: 1.34,
  ...over,
});

const State = z.looseObject({ deployment: z.looseObject({ resources: z.array(z.looseObject({ type: z.string() })) }) });
const TYPE = "pulumi-nodejs:dynamic/slipway:Accessory";

/** Replaces the accessories in a stack's state. */
export async function declareByHand(stack: LabStack, accessories: readonly DeclaredAccessory[]): Promise<void> {
  const state = State.parse(JSON.parse(await stack.exported()));
  const kept = accessories.map((outputs) => ({
    urn: `urn:pulumi:${stack.name}::slipway::${TYPE}::${outputs.accessory}`,
    type: TYPE,
    custom: true,
    id: outputs.container,
    inputs: {},
    outputs,
  }));
  const others = state.deployment.resources.filter(({ type }) => type !== TYPE);
  const changed = { ...state, deployment: { ...state.deployment, resources: [...others, ...kept] } };
  await importState(stack, changed);
}
