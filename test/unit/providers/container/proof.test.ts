import { expect, it } from "vitest";
import { nextAfterTimeout } from "../../../../providers/container/proof.ts";

it.each([
  [undefined, "fix what the evidence shows; or raise slipway:deploy_timeout (30 s) if it only needs longer to boot"],
  [
    "make the image's HEALTHCHECK pass",
    "make the image's HEALTHCHECK pass; or raise slipway:deploy_timeout (30 s) if it only needs longer to boot",
  ],
])("names the setting that limits the boot beside %j", (known, next) => {
  expect(nextAfterTimeout(known, { limit: "slipway:deploy_timeout", timeout: 30 })).toBe(next);
});
