import { describe, expect, it } from "vitest";
import { parseCheckpoint } from "../../../../cli/stack/checkpoint.ts";
import { declarationIn } from "../../../../cli/stack/declaration.ts";
import { SlipwayError } from "../../../../core/error.ts";
import { anAccessory } from "../../providers/accessory/fixture.ts";
import { aRelease, V2 } from "../../providers/release/fixture.ts";

const ROOT = "urn:pulumi:production::shop::slipway:Deployment";
const DYNAMIC = "pulumi-nodejs:dynamic/slipway:";

function aDatabase() {
  const { secrets: _, ...inputs } = anAccessory();
  return { ...inputs, digest: "", folder: "", kept: {} };
}

describe("the state of a stack", () => {
  const URN = "urn:pulumi:production::shop::slipway:Deployment$pulumi-nodejs:dynamic/slipway:Release::shop";
  const SEALED = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:abc" };
  const exported = (outputs: object): string =>
    JSON.stringify({
      version: 3,
      deployment: {
        resources: [
          {
            urn: "urn:pulumi:production::shop::pulumi:pulumi:Stack::shop-production",
            type: "pulumi:pulumi:Stack",
            outputs: { urls: ["https://shop.example"] },
          },
          { urn: URN, type: "pulumi-nodejs:dynamic/slipway:Release", modified: "2026-01-31T12:00:00Z", outputs },
        ],
      },
    });
  const declared = (json: string) => declarationIn(parseCheckpoint(json));
  const failure = (read: () => unknown): string => {
    try {
      read();
    } catch (thrown) {
      if (thrown instanceof SlipwayError) return thrown.message;
      throw thrown;
    }
    throw new Error("it was read");
  };

  it("gives the release as it was declared, its secrets unread", () => {
    const release = aRelease(V2);
    const sealed = { ...release, secrets: SEALED, registry: { server: "ghcr.io", username: "acme", password: SEALED } };
    expect(declared(exported(sealed))).toEqual({
      stack: "production",
      inputs: { ...release, secrets: {}, registry: undefined },
      releases: [],
      accessories: [],
      schedules: [],
      declaredAt: "2026-01-31T12:00:00Z",
      urls: ["https://shop.example"],
    });
  });

  it("of another version of Slipway is refused, with what differs", () => {
    const { roles: _roles, ...other } = aRelease(V2);
    const printed = failure(() => declared(exported(other)));
    expect(printed).toMatch(/^the state of the stack production was written by a different version of Slipway/);
    expect(printed).toContain("  | roles: ");
  });

  it("of accessories alone is a release of nothing, on no host", () => {
    const db = { urn: `${ROOT}$${DYNAMIC}Accessory::db-db-1`, type: `${DYNAMIC}Accessory`, outputs: aDatabase() };
    const of = (release: string | undefined) =>
      declared(
        JSON.stringify({
          version: 3,
          deployment: { resources: [{ urn: `${ROOT}::shop`, type: "slipway:Deployment", outputs: { release } }, db] },
        }),
      );
    const { inputs, accessories } = of("");
    expect(inputs).toMatchObject({ service: "shop", stack: "acme/shop/production", release: "", roles: {}, hosts: {} });
    expect(accessories.map(({ accessory }) => accessory)).toEqual(["db"]);
    // A first run that was refused before its release.
    expect(failure(() => of(undefined))).toMatch(/has released nothing yet/);
  });

  it("without a release says that nothing is released yet", () => {
    const json = JSON.stringify({ version: 3, deployment: {} });
    expect(failure(() => declared(json))).toMatch(/has released nothing yet/);
  });

  it("that is no state at all is refused", () => {
    expect(failure(() => declared("oops"))).toMatch(/^cannot read the output of pulumi stack export/);
  });
});
