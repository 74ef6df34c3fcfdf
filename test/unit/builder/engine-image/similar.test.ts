import { expect, it } from "vitest";
import { similarNames } from "../../../../builder/engine-image/similar.ts";

it.each<[wanted: string, names: readonly string[], similar: readonly string[]]>([
  ["shop:dev", [], []],
  ["shop:dev", ["postgres:16", "redis:8"], []],
  ["shop:dev", ["postgres:16", "shop:1.4.2"], ["shop:1.4.2"]],
  ["shop:dev", ["shpo:dev", "shop:deb"], ["shop:deb", "shpo:dev"]],
  ["shop:dev", ["ghcr.io/acme/shop:dev"], ["ghcr.io/acme/shop:dev"]],
  ["ghcr.io/acme/shop:dev", ["shop:dev"], ["shop:dev"]],
  ["localhost:5000/shop:dev", ["shop:dev", "localhost:5000/other:1"], ["shop:dev"]],
  ["shop:9", ["shop:1", "shop:2", "shop:3", "shop:4", "shop:1"], ["shop:1", "shop:2", "shop:3"]],
])("instead of %s, of %j, those may be meant: %j", (wanted, names, similar) => {
  expect(similarNames(wanted, names)).toEqual(similar);
});
