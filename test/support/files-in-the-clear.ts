import { z } from "zod";
import type { LabStack } from "../../lab/stack.ts";
import { importState } from "./import-state.ts";
import { done } from "./outcome.ts";

const Values = z.looseObject({ files: z.unknown().optional() });
const State = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(z.looseObject({ type: z.string(), inputs: Values.optional(), outputs: Values.optional() })),
  }),
});
const Sealed = z.object({ plaintext: z.string() });

/** Writes the accessories of a state as Slipway did before it sealed the contents of their files. */
export async function withFilesInTheClear(stack: LabStack): Promise<void> {
  const { output } = await done(stack.launch(["stack", "export", "--show-secrets"]).done);
  const state = State.parse(JSON.parse(output));
  const resources = state.deployment.resources.map((resource) =>
    resource.type.endsWith(":Accessory")
      ? { ...resource, inputs: inTheClear(resource.inputs ?? {}), outputs: inTheClear(resource.outputs ?? {}) }
      : resource,
  );
  await importState(stack, { ...state, deployment: { ...state.deployment, resources } });
}

function inTheClear({ fileFingerprints: _later, ...values }: z.infer<typeof Values>): Record<string, unknown> {
  const sealed = Sealed.safeParse(values.files);
  return sealed.success ? { ...values, files: JSON.parse(sealed.data.plaintext) } : values;
}
