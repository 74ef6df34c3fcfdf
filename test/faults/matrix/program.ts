import * as pulumi from "@pulumi/pulumi";
import { Deployment } from "../../../components/index.ts";
import { parseConfig } from "../../../config/index.ts";

const STACK = "faults";
/** How Pulumi marks a secret on its way to the engine. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** Inputs of the resources that one program declares, as a provider gets them. */
export interface Declared {
  readonly proxies: readonly Record<string, unknown>[];
  readonly release: Record<string, unknown>;
}

/**
 * What the real program makes of a stack's config: the components run under Pulumi's own mocks, which only write down what is
 * declared. So the rig follows every new input without a change of its own.
 *
 * @param digest of the image that the config names
 */
export async function declare(config: Readonly<Record<string, unknown>>, digest: string): Promise<Declared> {
  const registered: { type: string; inputs: Record<string, unknown> }[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.push({ type, inputs: plain(inputs) as Record<string, unknown> });
        return { id: name, state: inputs };
      },
      call: () => ({}),
    },
    "slipway",
    STACK,
    false,
  );
  const values = Object.entries(config).map(([key, value]) => [
    `slipway:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const raw = { values: Object.fromEntries(values), stack: STACK, file: `stacks/Pulumi.${STACK}.yaml` };
  const deployment = new Deployment(
    parseConfig({ ...raw, secretKeys: new Set(["slipway:registry", "slipway:secrets"]) }),
    Promise.resolve({ image: digest, canary: undefined }),
  );
  await new Promise((resolve) => pulumi.all([deployment.release, deployment.containers]).apply(resolve));
  const all = (noun: string) => registered.filter(({ type }) => type.endsWith(`:${noun}`)).map(({ inputs }) => inputs);
  const [release] = all("Release");
  if (release === undefined) throw new Error("the program declared no release");
  return { proxies: all("Proxy"), release };
}

/** Without the marks of secrets. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  if (SIGNATURE in value) return plain("value" in value ? value.value : undefined);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
