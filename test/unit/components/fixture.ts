import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";
import { vi } from "vitest";

/** A resource as the program declared it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/** The options of its registration, which the mocks do not report. */
export interface Request {
  getType(): string;
  getName(): string;
  getDependenciesList(): string[];
  getIgnorechangesList(): string[];
  getAliasesList(): { getSpec(): { getType(): string; getParenturn(): string } | undefined }[];
  getProtect(): boolean;
  getProvider(): string;
  getDeletedwith(): string;
  getRetainondelete(): boolean;
  hasRetainondelete(): boolean;
  getDeletebeforereplace(): boolean;
  getAdditionalsecretoutputsList(): string[];
}

/** A stack `production` whose resources are only written down. */
export interface Mocked {
  readonly registered: Registered[];
  /** Every request until now. */
  requests(): Request[];
}

/** What a resource has that its inputs do not say, and the id that it gets. */
export interface Made {
  readonly id?: string;
  readonly outputs?: Record<string, unknown>;
}

export async function mocked(
  made: (resource: Registered) => Made | Promise<Made> = () => ({}),
  run: "preview" | "up" = "up",
  project = "slipway",
): Promise<Mocked> {
  const spy = vi.spyOn(MockMonitor.prototype, "registerResource");
  const registered: Registered[] = [];
  const newResource = async (resource: Registered) => {
    registered.push(resource);
    const { id = `${resource.name}-id`, outputs = {} } = await made(resource);
    return { id, state: { ...resource.inputs, ...outputs } };
  };
  await pulumi.runtime.setMocks({ newResource, call: () => ({}) }, project, "production", run === "preview");
  return { registered, requests: () => (spy.mock.calls as unknown as [Request][]).map(([request]) => request) };
}

/** The names of what it waits for. */
export const needsOf = (request: Request | undefined): string[] =>
  (request?.getDependenciesList() ?? []).map((urn) => urn.split("::").at(-1) ?? "").sort();

/** An output that a preview does not know. */
export const later = (isSecret = false): pulumi.Output<string> =>
  new (pulumi.Output as unknown as new (...args: unknown[]) => pulumi.Output<string>)(
    new Set(),
    Promise.resolve(pulumi.unknown),
    Promise.resolve(false),
    Promise.resolve(isSecret),
    Promise.resolve(new Set()),
  );

/** What the engine learns of an output. */
export interface Seen<T> {
  /** undefined: not known in this preview. */
  readonly value: T | undefined;
  readonly isSecret: boolean;
}

interface Inner<T> {
  readonly isKnown: Promise<boolean>;
  promise(): Promise<T>;
}

export async function seen<T>(output: pulumi.Output<T> | undefined): Promise<Seen<T>> {
  if (output === undefined) throw new TypeError("there is no such output");
  const inner = output as unknown as Inner<T>;
  const isKnown = await inner.isKnown;
  return { value: isKnown ? await inner.promise() : undefined, isSecret: await pulumi.isSecret(output) };
}

/** A resource of another package. */
class Reader extends pulumi.CustomResource {}

/** What a resource that takes these outputs waits for, by name. */
export async function needsWith(program: Mocked, inputs: pulumi.Inputs): Promise<string[]> {
  const name = `reader-${program.registered.length}`;
  new Reader("test:index:Reader", name, inputs);
  return vi.waitFor(() => {
    const found = program.requests().find((request) => request.getName() === name);
    if (found === undefined) throw new Error(`${name} was not registered`);
    return needsOf(found);
  });
}
