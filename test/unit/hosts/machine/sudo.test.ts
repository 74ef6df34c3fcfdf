import { expect, it } from "vitest";
import { wasRefusedRoot } from "../../../../hosts/machine/sudo.ts";

it.each([
  ["a password is needed", 1, "sudo: a password is required\n", true],
  ["a terminal is needed", 1, "sudo: a terminal is required to read the password; either use the -S option\n", true],
  ["sudo-rs asks", 1, "sudo: interactive authentication is required\n", true],
  ["the user is not in sudoers", 1, "deploy is not in the sudoers file.\n", true],
  ["only some commands are allowed", 1, "Sorry, user deploy is not allowed to execute '/bin/sh' as root on web-1.\n", true],
  ["sudo is missing", 127, "sh: 1: exec: sudo: not found\n", true],
  [
    "the command failed and the host's name does not resolve",
    1,
    "sudo: unable to resolve host web-1: Name or service not known\n",
    false,
  ],
  ["the command failed", 1, "iptables: No chain/target/match by that name.\n", false],
  ["it ran", 0, "sudo: unable to resolve host web-1\n", false],
])("knows whether sudo refused: %s", (_case, code, stderr, refused) => {
  expect(wasRefusedRoot({ code, stderr })).toBe(refused);
});
