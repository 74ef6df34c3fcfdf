import { expect, it } from "vitest";
import { isSameAddress, plainAddress } from "../../../core/address.ts";

it.each([
  ["2001:db8:0::10", "2001:db8::10"],
  ["2001:DB8::10", "2001:db8::10"],
  ["::ffff:203.0.113.10", "203.0.113.10"],
  ["::FFFF:cb00:710a", "203.0.113.10"],
  ["fe80:0::1%eth0", "fe80::1%eth0"],
  ["203.0.113.10", "203.0.113.10"],
  ["Web.Example.com.", "web.example.com"],
  ["::", "::"],
])("%s is %s", (text, plain) => expect(plainAddress(text)).toBe(plain));

it("keeps different machines different", () => expect(isSameAddress("2001:db8::1", "2001:db8::10")).toBe(false));
