import { describe, expect, it } from "vitest";
import { withYamlKeys } from "../../../config/program-keys.ts";

describe("arguments of a program", () => {
  it("get the keys of a stack's file, at every depth", () => {
    expect(
      withYamlKeys({
        deployTimeout: 30,
        proxy: { appPort: 3000, buffering: { maxRequestBody: 1 }, ssl: { certificatePem: "A", privateKeyPem: "B" } },
        servers: {
          web: {
            hosts: { "web-1": { address: "a", proxy: { canonicalHost: "x" } } },
            stopTimeout: 5,
            options: { shmSize: "1m" },
          },
        },
        accessories: { db: { bootTimeout: 9, backup: { to: { s3: { accessKey: ["K"] } } } } },
        firewall: { sshFrom: ["a"], allow: [{ port: 1 }] },
      }),
    ).toEqual({
      deploy_timeout: 30,
      proxy: { app_port: 3000, buffering: { max_request_body: 1 }, ssl: { certificate_pem: "A", private_key_pem: "B" } },
      servers: {
        web: {
          hosts: { "web-1": { address: "a", proxy: { canonical_host: "x" } } },
          stop_timeout: 5,
          options: { shm_size: "1m" },
        },
      },
      accessories: { db: { boot_timeout: 9, backup: { to: { s3: { access_key: ["K"] } } } } },
      firewall: { ssh_from: ["a"], allow: [{ port: 1 }] },
    });
  });

  it("keep the names that the user has chosen", () => {
    const names = {
      labels: { teamName: "checkout" },
      logging: { options: { maxSize: "1m" } },
      servers: { apiServer: { options: { sysctls: { netName: 1 } } } },
      secrets: { dbPassword: "x" },
      docker: { settings: { liveRestore: true } },
    };
    expect(withYamlKeys(names)).toEqual(names);
  });

  it("leave out what is undefined, and pass on what the schema does not have, which it then refuses", () => {
    expect(withYamlKeys({ watch: undefined, proxy: { host: undefined, apPort: 1 }, prxoy: { a: 1 } })).toEqual({
      proxy: { apPort: 1 },
      prxoy: { a: 1 },
    });
  });
});
