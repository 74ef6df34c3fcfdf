import { expect, it } from "vitest";
import { upgraded } from "../../../../providers/pulumi/upgrade.ts";

const STEPS = {
  0: ({ address, ...values }: Record<string, unknown>) => ({ ...values, schema: 1, host: { address } }),
  1: (values: Record<string, unknown>) => ({ ...values, schema: 2, stack: "shop/production" }),
};

it("takes values of any older version to this one, step by step", () => {
  const now = { schema: 2, host: { address: "203.0.113.10" }, stack: "shop/production" };
  expect(upgraded({ address: "203.0.113.10" }, STEPS)).toEqual(now);
  expect(upgraded({ schema: 1, host: { address: "203.0.113.10" } }, STEPS)).toEqual(now);
  expect(upgraded(now, STEPS)).toBe(now);
});

it("leaves what a newer version wrote", () => {
  expect(upgraded({ schema: 9 }, STEPS)).toEqual({ schema: 9 });
  expect(upgraded({ schema: 1 })).toEqual({ schema: 1 });
});

it("refuses a step that raises nothing, which would not end", () => {
  expect(() => upgraded({ schema: 1 }, { 1: (values) => values })).toThrow("does not raise it");
});
