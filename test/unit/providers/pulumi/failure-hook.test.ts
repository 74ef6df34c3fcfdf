import { expect, it } from "vitest";
import { FailureHook } from "../../../../providers/pulumi/failure-hook.ts";

const URN = "urn:pulumi:production::shop::slipway:Deployment$pulumi-nodejs:dynamic/slipway:Release::shop";

async function printed(hooks: object, failures: readonly Error[]): Promise<string[]> {
  const said: string[] = [];
  const report = {
    status() {},
    say: (text: string) => void said.push(text),
    warn: (text: string) => void said.push(`warning: ${text}`),
  };
  const config: Record<string, string> = { "slipway:hooks": JSON.stringify(hooks), "slipway:service": "shop" };
  const hook = new FailureHook({ get: (key) => config[key] });
  for (const failure of failures) await hook.run(failure, URN, report);
  return said;
}

it("receives what went wrong and where, once in a run", async () => {
  const on_failure = ['echo "$SLIPWAY_SERVICE on $SLIPWAY_STACK: $SLIPWAY_ERROR"', "echo over"];
  expect(await printed({ on_failure }, [new Error("web-1: it's down"), new Error("later")])).toEqual([
    "hooks.on_failure:\nshop on production: web-1: it's down\nover",
  ]);
});

it("that fails itself is reported, and no more", async () => {
  expect(await printed({ on_failure: ["echo first; exit 3", "echo never"] }, [new Error("x")])).toEqual([
    "hooks.on_failure:\nfirst",
    "warning: hooks.on_failure failed: exit code 3",
  ]);
});

it("that is not there does nothing", async () => expect(await printed({ pre_deploy: "exit 1" }, [new Error("x")])).toEqual([]));
