import { expect, it } from "vitest";
import { identityOf, isSameIdentity } from "../../../../hosts/machine/identity.ts";

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
