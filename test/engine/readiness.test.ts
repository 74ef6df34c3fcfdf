import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { addressesOf, type StackValues } from "../../lab/stack.ts";
import { App, type Released } from "../support/app.ts";
import { freshHosts, hostOf } from "../support/hosts.ts";
import { pinnedImage } from "../support/images.ts";
import { momentOf, namesOn } from "../support/moments.ts";

/** Seconds that a candidate gets. */
const GIVEN = 2;

describe("how a role's containers prove themselves", () => {
  let lab: Lab;
  let host: LabHost;
  let app: App;
  let image: string;
  let checked: string;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    image = await pinnedImage(lab, "v1");
    checked = await pinnedImage(lab, "checked", {}, { healthcheck: ["/app", "check"] });
    app = await App.create(lab, { image, deploy_timeout: GIVEN, readiness_delay: 1, ...roles({ cmd: "/app worker" }) });
    await app.released();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  /** `jobs` serves HTTP, too, so that it can be asked. */
  const roles = (jobs: object): StackValues => ({
    servers: { web: { hosts: addressesOf([host]) }, jobs: { hosts: addressesOf([host]), cmd: "/app", ...jobs } },
  });

  let attempt = 0;
  /** A candidate of `jobs` that is unlike all before it. */
  const candidate = (env: Record<string, string>, jobs: object): StackValues => {
    attempt += 1;
    return roles({ env: { ATTEMPT: String(attempt), ...env }, ...jobs });
  };

  const expectUntouched = async (outcome: Promise<Released>): Promise<Released> => {
    const [before] = await namesOn([host]);
    const released = await outcome;
    expect((await namesOn([host]))[0]).toEqual(before);
    expect(released.error).toMatch(/serves now: .* on .*\. Nothing was switched; candidates were removed\./);
    return released;
  };

  const expectReleased = async (outcome: Promise<Released>): Promise<Released> => {
    const released = await outcome;
    expect((await namesOn([host]))[0]).toHaveLength(2);
    expect(await app.preview()).toBe("");
    return released;
  };

  const checks: Readonly<
    Record<string, { readonly jobs: object; readonly asks: string; readonly says: string; readonly wrote: string }>
  > = {
    "over HTTP": { jobs: { healthcheck: { path: "/up", port: 3000 } }, asks: "/up on port 3000: 503 × ", says: "503", wrote: "" },
    "by a command": {
      jobs: { healthcheck: { cmd: "/app check" } },
      asks: "/app check: exit code 1 × ",
      says: "exit code 1",
      wrote: "503 Service Unavailable",
    },
  };

  describe.each(Object.entries(checks))("%s", (_how, { jobs, asks, says, wrote }) => {
    it("takes one that is healthy", async () => {
      const { statuses } = await expectReleased(app.released(candidate({ BOOT_DELAY_MS: "500" }, jobs)));
      expect(statuses.at(-1)).not.toContain(says);
    });

    it("refuses one that does not become healthy in time, with the last answer and its log", async () => {
      const { error, statuses, seconds } = await expectUntouched(app.refused(candidate({ UNHEALTHY: "1" }, jobs)));
      expect(error).toContain(`${host.name}: the container did not become healthy within ${GIVEN} s`);
      expect(error).toContain(asks);
      expect(error).toContain(wrote);
      expect(error).toMatch(/last log lines of shop-jobs-lab-\S+:\n.*listening on 3000/s);
      expect(statuses.some((line) => line.startsWith(`healthy 0/1 (${host.name}: ${says} × `))).toBe(true);
      expect(seconds).toBeGreaterThan(GIVEN);
    });

    it("refuses one that exits within 2 s of its exit, long before the deadline", async () => {
      const values = { deploy_timeout: 30, ...candidate({ UNHEALTHY: "1", EXIT_AFTER_MS: "700" }, jobs) };
      const { error } = await expectReported(expectUntouched(app.refused(values)));
      expect(error).toContain("fatal: EXIT_AFTER_MS=700");
      app.configure({ deploy_timeout: GIVEN });
    });
  });

  /** The exit of a container of `jobs` is reported within 2 s of it. */
  const expectReported = async (outcome: Promise<Released>): Promise<Released> => {
    const since = new Date();
    const released = await outcome;
    const reported = Date.now();
    const events = await host.mutations(since);
    expect(reported - momentOf(events, "die", "shop-jobs-lab")).toBeLessThan(2000);
    expect(released.error).toMatch(/the container exited with code 1, \d\.\d s after its start/);
    return released;
  };

  describe("by the image's HEALTHCHECK", () => {
    it("takes one that is healthy, after Docker said so", async () => {
      const { statuses } = await expectReleased(app.released({ image: checked, ...candidate({ BOOT_DELAY_MS: "500" }, {}) }));
      expect(statuses.join("\n")).toContain(`(${host.name}: starting`);
    });

    it("takes one whose first check comes after the deploy timeout: one success is enough, as it is for Docker", async () => {
      const slow = await pinnedImage(lab, "slow", {}, { healthcheck: ["/app", "check"], healthcheckInterval: GIVEN + 1 });
      const { seconds } = await expectReleased(app.released({ image: slow, ...candidate({}, {}) }));
      expect(seconds).toBeGreaterThan(GIVEN + 1);
      expect(seconds).toBeLessThan(2 * (GIVEN + 1) + 4);
    });

    it("is not run where it is switched off: then one that stays up is taken", async () => {
      const options = { no_healthcheck: true };
      await expectReleased(app.released({ image: checked, ...candidate({ UNHEALTHY: "1" }, { options }) }));
    });

    it("refuses one that Docker calls unhealthy, with what its check said and its log", async () => {
      const { error } = await expectUntouched(app.refused(candidate({ UNHEALTHY: "1" }, {})));
      expect(error).toContain("its Docker health check: unhealthy × ");
      expect(error).toContain("Docker runs it every 0.2 s");
      expect(error).toMatch(/next: .*slipway:servers\.jobs\.healthcheck,/);
      expect(error).toContain("503 Service Unavailable");
      expect(error).toMatch(/last log lines of shop-jobs-lab-\S+:\n.*listening on 3000/s);
    });

    it("refuses one that exits within 2 s of its exit, long before the deadline", async () => {
      await expectReported(
        expectUntouched(app.refused({ deploy_timeout: 30, ...candidate({ UNHEALTHY: "1", EXIT_AFTER_MS: "700" }, {}) })),
      );
      app.configure({ deploy_timeout: GIVEN });
    });
  });

  describe("by staying up", () => {
    it("takes one that stays", async () => {
      const { seconds } = await expectReleased(app.released({ image, ...candidate({}, { readiness_delay: 2 }) }));
      expect(seconds).toBeGreaterThan(2);
    });

    it("refuses one that exits in that time, within 2 s of its exit", async () => {
      await expectReported(expectUntouched(app.refused(candidate({ EXIT_AFTER_MS: "700" }, { readiness_delay: 10 }))));
    });
  });

  describe("by the check of its route", () => {
    const web = (env: Record<string, string>, deploy_timeout: number) => ({
      deploy_timeout,
      servers: { web: { hosts: addressesOf([host]), env } },
    });

    it("takes one that is healthy", async () => {
      await app.released(web({ BOOT_DELAY_MS: "300" }, GIVEN));
      expect((await namesOn([host]))[0]).toHaveLength(1);
    });

    it("refuses one that is not, with the last answer and its log", async () => {
      const { error } = await expectUntouched(app.refused(web({ UNHEALTHY: "1" }, GIVEN)));
      expect(error).toContain("/up on port 3000: 503 × ");
      expect(error).toMatch(/503 × .*\n.* {2}unhealthy/);
      expect(error).toMatch(/last log lines of shop-web-lab-\S+:\n.*listening on 3000/s);
    });

    it("names the port on which one listens instead", async () => {
      const { error } = await expectUntouched(app.refused(web({ PORT: "8080" }, GIVEN)));
      expect(error).toContain("/up on port 3000: connection refused × ");
      expect(error).toContain("the container listens on port 8080, not on 3000");
      expect(error).toContain(
        "next: pulumi config set --stack lab --path 'slipway:proxy.app_port' 8080 && pulumi up --stack lab",
      );
    });

    it("refuses one that exits within 2 s of its exit", async () => {
      const since = new Date();
      await expectUntouched(app.refused(web({ EXIT_AT_BOOT: "1", BOOT_DELAY_MS: "700" }, 30)));
      const reported = Date.now();
      expect(reported - momentOf(await host.mutations(since), "die", "shop-web-lab")).toBeLessThan(2000);
    });
  });
});
