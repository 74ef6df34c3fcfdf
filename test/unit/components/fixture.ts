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
  getRetainondelete(): boolean;
  getDeletebeforereplace(): boolean;
  getAdditionalsecretoutputsList(): string[];
}

/** A stack `production` of the project `slipway` whose resources are only written down. */
export interface Mocked {
  readonly registered: Registered[];
  /** Every request until now. */
  requests(): Request[];
}

/** @param made what a resource has that its inputs do not say, and the id that it gets */
export async function mocked(
  made: (resource: Registered) => { id?: string; outputs?: Record<string, unknown> } = () => ({}),
): Promise<Mocked> {
  const spy = vi.spyOn(MockMonitor.prototype, "registerResource");
  const registered: Registered[] = [];
  const newResource = (resource: Registered) => {
    registered.push(resource);
    const { id = `${resource.name}-id`, outputs = {} } = made(resource);
    return { id, state: { ...resource.inputs, ...outputs } };
  };
  await pulumi.runtime.setMocks({ newResource, call: () => ({}) }, "slipway", "production", false);
  return { registered, requests: () => (spy.mock.calls as unknown as [Request][]).map(([request]) => request) };
}

/** The names of what it waits for. */
export const needsOf = (request: Request | undefined): string[] =>
  (request?.getDependenciesList() ?? []).map((urn) => urn.split("::").at(-1) ?? "").sort();
