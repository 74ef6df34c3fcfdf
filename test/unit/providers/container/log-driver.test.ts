import { describe, expect, it } from "vitest";
import type { Logging } from "../../../../core/container/logging.ts";
import { Info } from "../../../../hosts/docker/info.ts";
import { withDaemonLogging } from "../../../../providers/container/log-driver.ts";
import { read, type Section } from "../../config/fixture.ts";

const dockerWith = (LoggingDriver: string) => async () => Info.parse({ DockerRootDir: "/var/lib/docker", LoggingDriver });
const declared = (logging?: Section): Logging => {
  const [role] = read({ ...(logging === undefined ? {} : { logging }) }).roles;
  if (role === undefined) throw new Error("no role");
  return role.logging;
};
const driverOn = async (LoggingDriver: string, logging: Logging) => {
  const LogConfig = { Type: logging.driver, Config: { ...logging.options } };
  return (await withDaemonLogging({ HostConfig: { LogConfig } }, logging, dockerWith(LoggingDriver))).HostConfig?.LogConfig;
};

describe("the log driver of a container", () => {
  const USUAL = { Type: "json-file", Config: { "max-size": "10m" } };

  it("is that of the host's Docker where the config says nothing, with its own options", async () => {
    expect(await driverOn("journald", declared())).toEqual({ Type: "", Config: {} });
    expect(await driverOn("local", declared())).toEqual({ Type: "", Config: {} });
  });

  it("is json-file where Docker has no other, or is too old to say", async () => {
    expect(await driverOn("json-file", declared())).toEqual(USUAL);
    expect(await driverOn("", declared())).toEqual(USUAL);
  });

  it("is the declared one in any case, also where it is json-file", async () => {
    expect(await driverOn("journald", declared({ driver: "json-file" }))).toEqual(USUAL);
    expect(await driverOn("journald", declared({ options: { "max-size": "10m" } }))).toEqual(USUAL);
    expect(await driverOn("journald", declared({ driver: "syslog" }))).toEqual({ Type: "syslog", Config: {} });
    expect(await driverOn("journald", declared({ options: { "max-size": "1g" } }))).toMatchObject({ Type: "json-file" });
  });
});
