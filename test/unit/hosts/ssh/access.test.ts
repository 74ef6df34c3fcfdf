import { expect, it } from "vitest";
import { SlipwayError } from "../../../../core/error.ts";
import { parseAccess, parseDestination } from "../../../../hosts/ssh/access.ts";

const ENV = { HOME: "/home/ann", SSH_AUTH_SOCK: "/run/agent" };

it("has defaults", () => {
  expect(parseAccess(undefined, ENV)).toEqual({
    keys: [],
    keyData: [],
    agent: "/run/agent",
    agentFrom: "environment",
    knownHosts: ["/home/ann/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts"],
    sshConfig: ["/home/ann/.ssh/config"],
    jump: undefined,
    connectTimeout: 10,
    dockerTimeout: 30,
    home: "/home/ann",
  });
});

it("accepts one or several, and disables what is false", () => {
  const one = parseAccess(
    '{"keys":"~/k","key_data":"K","agent":false,"config":false,"known_hosts":"/kh","connect_timeout":3}',
    ENV,
  );
  expect(one).toMatchObject({
    keys: ["/home/ann/k"],
    keyData: ["K"],
    agent: undefined,
    sshConfig: [],
    knownHosts: ["/kh"],
    connectTimeout: 3,
    dockerTimeout: 30,
  });
  const many = parseAccess('{"keys":["a","~/b"],"agent":"~/sock","config":["~/c"],"user":"x","port":1,"log_level":"debug"}', ENV);
  expect(many).toMatchObject({ keys: ["a", "/home/ann/b"], agent: "/home/ann/sock", sshConfig: ["/home/ann/c"] });
});

it("pins the key of the jump host, too", () => {
  const { jump } = parseAccess('{"proxy":"ops@bastion:2222","host_keys":{"bastion":"ssh-ed25519 AAAA"}}', ENV);
  expect(jump).toEqual({ address: "bastion", port: 2222, user: "ops", hostKey: "ssh-ed25519 AAAA" });
});

it.each([
  ["host", { address: "host" }],
  ["user@host:22", { user: "user", address: "host", port: 22 }],
  ["ssh://user@host:22", { user: "user", address: "host", port: 22 }],
  ["[2001:db8::1]:22", { address: "2001:db8::1", port: 22 }],
  ["a@2001:db8::1", { user: "a", address: "2001:db8::1" }],
  ["a@fe80::1%eth0", { user: "a", address: "fe80::1%eth0" }],
  ["[fe80::1%eth0]:22", { address: "fe80::1%eth0", port: 22 }],
  ["", undefined],
  ["a b", undefined],
])("parses the destination %j", (text, destination) => {
  expect(parseDestination(text)).toEqual(destination);
});

it("never prints a secret of invalid text", () => {
  for (const text of ['{"key_data": CANARY', '{"key_data":{"CANARY-KEY":1},"keys":7}']) {
    try {
      parseAccess(text, ENV);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(SlipwayError);
      expect(String(error)).not.toContain("CANARY");
    }
  }
});
