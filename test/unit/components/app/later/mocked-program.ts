import * as pulumi from "@pulumi/pulumi";
import { App } from "../../../../../components/app/app.ts";
import type { AppArgs } from "../../../../../components/app/args.ts";

export type Inputs = Record<string, unknown>;

const registered = new Map<string, Inputs>();

/** A program whose resources are only written down, in a preview or a run. */
export const mockedProgram = (run: "preview" | "update"): Promise<void> =>
  pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.set(`${type.split(":").at(-1)} ${name}`, inputs);
        return { id: `${name}-id`, state: inputs };
      },
      call: () => ({}),
    },
    "acme",
    "production",
    run === "preview",
  );

/** What an app registers, `app` in place of its name. */
export async function declared(name: string, args: AppArgs): Promise<ReadonlyMap<string, Inputs>> {
  const app = new App(name, args);
  await new Promise((resolve) => app.urn.apply(resolve));
  await settled();
  const own = [...registered].filter(([key]) => new RegExp(` ${name}(-|$)`).test(key));
  return new Map(own.map(([key, { __urn, ...inputs }]) => [key.replace(` ${name}`, " app"), inputs]));
}

/** No resource is registered any more: each needs some turns after those that it depends on. */
async function settled(): Promise<void> {
  for (let before = -1; before !== registered.size; ) {
    before = registered.size;
    for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

const TURNS = 5;
