import { expect, it } from "vitest";
import { identityOf, isSameIdentity, machineKey } from "../../../../hosts/machine/identity.ts";

const ID = "0123456789abcdef0123456789abcdef";
const answering = (stdout: string) => identityOf({ run: async () => ({ stdout }) });

it("is the installation and the boot of a machine", async () => {
  expect(await answering(`${ID}\nboot-1\n`)).toEqual({ id: ID, boot: "boot-1" });
});

it.each([
  ["no machine-id", "boot-1\n"],
  ["one that was never made", "uninitialized\nboot-1\n"],
  ["neither", ""],
])("is unknown with %s", async (_case, stdout) => {
  expect(await answering(stdout)).toBeUndefined();
});

it.each([
  ["the same machine", { id: ID, boot: "1" }, { id: ID, boot: "1" }, true],
  ["a copy of its disk", { id: ID, boot: "1" }, { id: ID, boot: "2" }, false],
  ["a neighbour under the same kernel", { id: ID, boot: "1" }, { id: ID.replace("0", "f"), boot: "1" }, false],
  ["two unknown ones", undefined, undefined, false],
])("compares %s", (_case, a, b, same) => {
  expect(isSameIdentity(a, b)).toBe(same);
});

it("has a key also without a machine-id, and never an empty one", async () => {
  const keyOf = (stdout: string) => machineKey({ run: async () => ({ stdout }) });
  expect(await keyOf(`${ID}\nboot-1\nweb-1\n`)).toBe(`${ID}/boot-1/web-1`);
  expect(await keyOf("boot-1\nweb-1\n")).toBe("boot-1/web-1");
  await expect(keyOf("web-1\n")).rejects.toThrow("boot_id");
});
