import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { DockerEngine } from "../../../../components/server/docker-engine.ts";
import type { Docker } from "../../../../config/hosts/docker.ts";
import { DockerEngineInputs } from "../../../../providers/docker-engine/inputs.ts";

const WEB = { name: "web-1", address: "203.0.113.10", port: 22, user: "deploy" };
const DOCKER: Docker = {
  install: true,
  source: undefined,
  version: undefined,
  mirror: undefined,
  fingerprint: undefined,
  settings: { "live-restore": true },
};

describe("DockerEngine", () => {
  const registered: { type: string; inputs: Record<string, unknown> }[] = [];

  beforeAll(async () => {
    await pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs }) => {
          registered.push({ type, inputs });
          return { id: `${name}-id`, state: inputs };
        },
        call: () => ({}),
      },
      "slipway",
      "production",
      false,
    );
    new DockerEngine("web-1-docker", { host: WEB, docker: DOCKER, patience: 300 });
    await pulumi.runtime.disconnect();
  });

  it("declares just what its provider takes", () => {
    const [{ type, inputs } = { type: "", inputs: {} }] = registered;
    expect(type).toBe("pulumi-nodejs:dynamic/slipway:DockerEngine");
    const declared = Object.fromEntries(Object.entries(inputs).filter(([key]) => !key.startsWith("__")));
    expect(declared).toEqual({
      schema: 1,
      host: WEB,
      patience: 300,
      install: true,
      status: "running",
      settings: { "live-restore": true },
    });
    expect(DockerEngineInputs.strict().parse(declared)).toEqual(declared);
  });
});
