import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { App } from "../../../../../components/app/app.ts";
import type { AppArgs } from "../../../../../components/app/args.ts";
import { Server } from "../../../../../components/server/server.ts";
import { messageOf } from "../../../../../core/error.ts";
import { canonical } from "../../../../../core/values.ts";
import { PLANNED, REFUSED, WITHOUT_EFFECT } from "./leaf-classes.ts";
import { type Leaf, leafKeys } from "./leaf-keys.ts";
import { IMAGE, neededFor, VALUES } from "./leaf-values.ts";
import { declared, type Inputs, mockedProgram } from "./mocked-program.ts";
import { unknown } from "./unknown.ts";

let server: Server;

beforeAll(async () => {
  await mockedProgram("preview");
  server = new Server("web-1", { address: "203.0.113.10" });
});

const LEAVES = leafKeys();
const leafOf = (key: string): Leaf => LEAVES.find((leaf) => leaf.key === key) ?? { key, path: [key], example: undefined };
const realOf = ({ key, example }: Leaf): unknown => (key in VALUES ? VALUES[key] : example);

/** An app with a proxied role and one that is not, and what else a key is about. */
const smallest = (key: string): Inputs => ({
  service: "shop",
  version: "1.4.2",
  image: IMAGE,
  servers: { web: { hosts: [{ server }] }, worker: { hosts: [{ server }], cmd: "bin/jobs" } },
  proxy: {},
  secrets: { TOKEN: "canary" },
  ...(key.startsWith("accessories.") ? { accessories: { db: { image: "registry.example/search:2", host: server } } } : {}),
  ...(/^(jobs|schedule)\./.test(key) ? { jobs: { nightly: { schedule: "17 3 * * *", cmd: "bin/nightly" } } } : {}),
});

const NAMES: Readonly<Record<string, string>> = { servers: "worker", accessories: "db", jobs: "nightly" };
const OF_PROXIED = /^servers\.(proxy|asset_path|hosts\.proxy)/;

function withValue({ key, path }: Leaf, value: unknown): AppArgs {
  const names = OF_PROXIED.test(key) ? { ...NAMES, servers: "web" } : NAMES;
  const named = path.map((step, at) => (step === "*" ? (names[path[at - 1] ?? ""] ?? "NAME") : step));
  return put(merged(smallest(key), neededFor(key)), named, value) as unknown as AppArgs;
}

const isTree = (value: unknown): value is Inputs => Object.getPrototypeOf(value ?? 0) === Object.prototype;

const merged = (below: Inputs, above: Inputs): Inputs => ({
  ...below,
  ...Object.fromEntries(
    Object.entries(above).map(([key, value]) => {
      const own = below[key];
      return [key, isTree(value) && isTree(own) ? merged(own, value) : value];
    }),
  ),
});

function put(into: unknown, [step, ...rest]: readonly (string | 0)[], value: unknown): unknown {
  if (step === undefined) return value;
  if (step !== 0) return { ...(isTree(into) ? into : {}), [step]: put(isTree(into) ? into[step] : undefined, rest, value) };
  const [first, ...others] = Array.isArray(into) ? into : [];
  return [put(first, rest, value), ...others];
}

const textOf = (all: ReadonlyMap<string, Inputs>): string => canonical(Object.fromEntries(all));

/** What is in no value: texts and numbers that an output is taken for until it is known. */
const PLACEHOLDER = /pending|\.invalid|2000[1-4]/;
/** An output there is a secret. */
const OF_ENV = /(^|\.)env(\.|$)/;

describe("each key of an app", () => {
  it("takes an output, or says why not", () => {
    const classified = [...PLANNED, ...WITHOUT_EFFECT, ...Object.keys(REFUSED)];
    expect(LEAVES.map(({ key }) => key).sort()).toEqual(classified.sort());
  });
});

it.each([...PLANNED, ...WITHOUT_EFFECT])(
  "an output as %s is planned while it is unknown; known, it is as if written out",
  async (key) => {
    const [leaf, name] = [leafOf(key), key.replaceAll(/\W/g, "-")];
    const value = realOf(leaf);
    const [written, later, known] = await Promise.all([
      declared(`${name}-written`, withValue(leaf, value)),
      declared(`${name}-later`, withValue(leaf, unknown())),
      declared(`${name}-known`, withValue(leaf, pulumi.output(value))),
    ]);
    expect([...written.keys()]).toContain("Release app");
    expect([...later.keys()].sort()).toEqual([...written.keys()].sort());
    expect(textOf(later)).not.toMatch(PLACEHOLDER);
    if (!WITHOUT_EFFECT.includes(key)) expect(textOf(later)).not.toBe(textOf(written));
    if (!OF_ENV.test(key)) expect(textOf(known)).toBe(textOf(written));
  },
);

it.each(Object.entries(REFUSED))("an output as %s is refused: it has to be known when the program runs", (key, refusal) => {
  expect(problemOf(withValue(leafOf(key), unknown()))).toEqual(refusal);
});

it("a map or a list as a whole is refused, and so is a role, a job or an accessory", () => {
  const whole = (parts: string) =>
    expect.stringMatching(new RegExp(`^cannot be an output as a whole: .* its ${parts} can be outputs$`));
  expect(problemOf({ ...withValue(leafOf("watch"), 0), labels: unknown() as never })).toEqual(["labels", whole("values")]);
  expect(problemOf({ ...withValue(leafOf("watch"), 0), volumes: unknown() as never })).toEqual(["volumes", whole("items")]);
  expect(problemOf({ ...withValue(leafOf("watch"), 0), env: unknown() as never })).toEqual(["env", whole("values")]);
  expect(problemOf({ ...withValue(leafOf("watch"), 0), jobs: { a: unknown() as never } })).toEqual(["jobs.a", whole("values")]);
});

/** The argument that is refused, and why. */
function problemOf(args: AppArgs): readonly string[] {
  try {
    new App("refused", args);
  } catch (thrown) {
    return (messageOf(thrown).split("\n")[1] ?? "").trim().split(/ {3,}/);
  }
  return ["nothing is refused"];
}
