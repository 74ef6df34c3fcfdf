import { describe, expect, it } from "vitest";
import { read } from "../fixture.ts";

const BLOCK = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n";

describe("ssh", () => {
  it("types what is written", () => {
    const ssh = {
      user: "deploy",
      port: 2222,
      keys: "~/.ssh/a",
      agent: "/run/agent.sock",
      known_hosts: ["./known"],
      config: false,
      proxy: "me@bastion.example.com:2200",
      connect_timeout: 5,
    };
    expect(read({ ssh }).ssh).toEqual({
      user: "deploy",
      port: 2222,
      keys: ["~/.ssh/a"],
      keyData: [],
      agent: "/run/agent.sock",
      hostKeys: {},
      knownHosts: ["./known"],
      config: [],
      jump: { user: "me", address: "bastion.example.com", port: 2200 },
      connectTimeout: 5,
      dockerTimeout: 30,
    });
  });

  it("takes private keys in place and by name", () => {
    expect(read({ ssh: { key_data: BLOCK } }, { sealed: ["ssh"] }).ssh.keyData).toEqual([BLOCK]);
    expect(read({ ssh: { key_data: ["KEY"] }, secrets: { KEY: BLOCK } }).ssh.keyData).toEqual([BLOCK]);
  });

  it.each([
    ["bastion", { user: "root", address: "bastion", port: 22 }],
    ["me@[2001:db8::1]:2200", { user: "me", address: "2001:db8::1", port: 2200 }],
  ])("jumps over %s", (proxy, jump) => expect(read({ ssh: { proxy } }).ssh.jump).toEqual(jump));
});
