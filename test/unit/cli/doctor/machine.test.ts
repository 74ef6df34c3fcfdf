import { describe, expect, it } from "vitest";
import { parseMachine } from "../../../../cli/doctor/machine.ts";

describe("what a machine says of itself", () => {
  const SAID = `now 1769860800
uid 1000
groups deploy docker
cpu aarch64
os ID=debian
os VERSION_ID="13"
sudo free
MemTotal:        4028440 kB
MemAvailable:    2028440 kB
df /dev/vda1 41151788 28000000 11000000 72% /
kamal .kamal/apps/shop/env
interface 2: eth0    inet 203.0.113.10/24 brd 203.0.113.255 scope global eth0
interface 2: eth0    inet6 2001:db8::10/64 scope global
ss yes
listener LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=812,fd=6),("nginx",pid=813,fd=6))
listener LISTEN 0 4096 127.0.0.53%lo:53 0.0.0.0:*
listener LISTEN 0 511 [::]:443 [::]:*
listener LISTEN 0 511 *:9100 *:*
`;
  const NOW = 1_769_860_800_000;
  const at = (before: number, after = before) => ({ before: NOW + before, after: NOW + after });

  it("is read", () => {
    expect(parseMachine(SAID, at(0, 300))).toEqual({
      df: "/dev/vda1 41151788 28000000 11000000 72% /",
      machine: {
        uid: 1000,
        groups: ["deploy", "docker"],
        sudo: "free",
        release: { ID: "debian", VERSION_ID: "13" },
        arch: "arm64",
        ahead: 0,
        memory: { total: 4_125_122_560, available: 2_077_122_560 },
        addresses: ["203.0.113.10", "2001:db8::10"],
        kamal: [".kamal/apps/shop/env"],
        listeners: [
          { address: "0.0.0.0", port: 80, process: { name: "nginx", pid: 812 } },
          { address: "127.0.0.53", port: 53, process: undefined },
          { address: "::", port: 443, process: undefined },
          { address: "*", port: 9100, process: undefined },
        ],
      },
    });
  });

  it("may be less", () => {
    const { machine } = parseMachine("now 1769860800\nuid 0\ngroups root\ncpu x86_64\nsudo none\n", at(0));
    expect(machine).toMatchObject({ arch: "amd64", memory: undefined, listeners: undefined, addresses: [], sudo: "none" });
  });

  it("is refused when it is no shell's answer", () => {
    expect(() => parseMachine("This account is currently not available.\n", at(0))).toThrow("the host's shell");
  });

  it.each([
    ["within our span", at(-400, 200), 0],
    ["in the second that date leaves out", at(900, 950), 0],
    ["after it", at(-9_000, -8_000), 8],
    ["before it", at(31_000, 32_000), -30],
  ])("has a clock that is off only as far as is sure: %s", (_what, span, ahead) => {
    expect(parseMachine(SAID, span).machine.ahead).toBe(ahead);
  });
});
