import { expect, it } from "vitest";
import { installationOf, machineKey } from "../../../../hosts/machine/identity.ts";

const ID = "0123456789abcdef0123456789abcdef";
const OTHER = ID.replace("0", "f");
const answering = (stdout: string) => ({ run: async () => ({ stdout }) });

it("is known by the id of its installation", async () => {
  expect(await installationOf(answering(`${ID}\n`))).toBe(ID);
});

it.each([
  ["no machine-id", ""],
  ["one that was never made", "uninitialized\n"],
])("has no installation to be known by with %s", async (_case, stdout) => {
  expect(await installationOf(answering(stdout))).toBeUndefined();
});

it.each([
  ["the same machine", [ID, "1", "web-1"], [ID, "1", "web-1"], true],
  ["a copy of its disk", [ID, "1", "web-1"], [ID, "2", "web-1"], false],
  ["a neighbour under the same kernel", [ID, "1", "web-1"], [OTHER, "1", "web-1"], false],
  ["the same machine without an id", ["1", "web-1"], ["1", "web-1"], true],
  ["a neighbour without an id", ["1", "web-1"], ["1", "web-2"], false],
])("is compared with %s", async (_case, a, b, same) => {
  const [one, other] = await Promise.all([a, b].map((lines) => machineKey(answering(`${lines.join("\n")}\n`))));
  expect(one === other).toBe(same);
});

it("has a key also without a machine-id, and never an empty one", async () => {
  expect(await machineKey(answering(`${ID}\nboot-1\nweb-1\n`))).toBe(`${ID}/boot-1/web-1`);
  expect(await machineKey(answering("boot-1\nweb-1\n"))).toBe("boot-1/web-1");
  await expect(machineKey(answering("web-1\n"))).rejects.toThrow("boot_id");
});
