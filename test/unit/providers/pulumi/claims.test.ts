import { expect, it } from "vitest";
import { type Address, Hosts, parseAccess } from "../../../../hosts/index.ts";
import { Claims } from "../../../../providers/pulumi/claims.ts";

const at = (address: string, port = 22): Address => ({ name: "any", address, port, user: "root" });
const claim = (address: string, thing = "firewall") => ({ host: at(address), thing });

/** Addresses by the machine that they lead to; an unlisted one leads nowhere. */
const leading = (machines: Readonly<Record<string, string>>) =>
  ({
    at: ({ address }: Address) => ({
      machineNow: async () => {
        const machine = machines[address];
        if (machine === undefined) throw new Error(`${address} does not answer`);
        return machine;
      },
    }),
  }) as unknown as Hosts;

const NONE = leading({});
const after = (...claims: ReturnType<typeof claim>[]): Claims => {
  const declared = new Claims();
  declared.check("new");
  declared.keep("new", claims);
  return declared;
};

it("finds what is declared at the same address, without a question", async () => {
  expect(await after(claim("a")).declared([claim("a"), claim("b", "schedule")], NONE)).toEqual([claim("a")]);
});

it("does not take another thing on that machine for it", async () => {
  expect(await after(claim("a")).declared([claim("a", "container shop-db")], NONE)).toEqual([]);
});

it("recognizes the machine behind another address", async () => {
  const hosts = leading({ private: "one", public: "one", other: "two" });
  expect(await after(claim("public")).declared([claim("private"), claim("other")], hosts)).toEqual([claim("private")]);
});

it("fails when a machine that may be the same does not answer, rather than take down what is declared", async () => {
  await expect(after(claim("public")).declared([claim("private")], leading({ public: "one" }))).rejects.toThrow(
    "private does not answer",
  );
});

it("does not count what is compared in a refresh, which declares nothing", async () => {
  const claims = new Claims();
  claims.keep("old", [claim("a")]);
  expect(await claims.declared([claim("a")], NONE)).toEqual([]);
});

it("counts the last claims of a resource", async () => {
  const claims = after(claim("a"));
  claims.keep("new", [claim("b")]);
  const hosts = leading({ a: "one", b: "two" });
  expect(await claims.declared([claim("a"), claim("b")], hosts)).toEqual([claim("b")]);
});

it("does not fail for a machine that cannot be reached: what removes something there does, or knows that it is given up", async () => {
  const real = new Hosts(parseAccess(JSON.stringify({ agent: false, config: false, connect_timeout: 1 }), {}));
  const nowhere = { ...at("127.0.0.1", 1), name: "gone" };
  expect(
    await after(claim("public"))
      .declared([{ host: nowhere, thing: "firewall" }], real)
      .catch((error) => String(error)),
  ).toEqual([]);
});
