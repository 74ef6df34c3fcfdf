import { describe, expect, it } from "vitest";
import { parseServer } from "../../../config/server.ts";

const refusal = (...args: Parameters<typeof parseServer>): string => {
  try {
    parseServer(...args);
  } catch (thrown) {
    return String(thrown);
  }
  throw new Error("it was accepted");
};

describe("a server of a program", () => {
  it("is complete without arguments, and runs a proxy", () => {
    expect(parseServer("web-1", {})).toMatchObject({
      docker: { install: true },
      firewall: undefined,
      harden: undefined,
      proxyRun: { httpPort: 80, httpsPort: 443, publish: true },
    });
  });

  it("takes the keys of a stack's file in camel case", () => {
    const part = parseServer("db-1", {
      docker: { settings: { "live-restore": true } },
      firewall: { sshFrom: ["198.51.100.0/24"] },
      harden: { user: "deploy" },
      proxy: { httpPort: 8080 },
    });
    expect(part).toMatchObject({
      docker: { settings: { "live-restore": true } },
      firewall: { sshFrom: ["198.51.100.0/24"] },
      harden: { user: "deploy" },
      proxyRun: { httpPort: 8080 },
    });
    expect(parseServer("db-1", { proxy: false }).proxyRun).toBeUndefined();
  });

  it("is refused with everything that is wrong", () => {
    const said = refusal("web 1", {
      hostKey: "ssh-ed25519 AAAA",
      docker: { verison: "28" },
      firewall: { sshFrom: ["anywhere"] },
      proxy: { httpPort: 443 },
    });
    expect(said).toMatch(/the arguments of the server web 1: \d problems/);
    for (const path of ["name", "hostKey", "docker.verison", "firewall.sshFrom[0]", "proxy.run.https_port"])
      expect(said).toContain(`  ${path} `);
  });
});
