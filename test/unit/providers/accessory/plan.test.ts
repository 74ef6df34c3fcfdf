import { describe, expect, it } from "vitest";
import { AccessoryState } from "../../../../providers/accessory/inputs.ts";
import { planAccessory } from "../../../../providers/accessory/plan.ts";
import { accessoryProvider } from "../../../../providers/accessory/provider.ts";
import { ROUTE } from "../release/fixture.ts";
import { aContainer, aNext, anAccessory, aState, found, NEXT, stopped } from "./fixture.ts";

const DB = anAccessory();
const OTHER = anAccessory({ image: "postgres:16.5" });
const MAIN = "shop-db-production";

/** The operations in short: what is done to which container. */
const planned = (wanted = DB, what = found()): string[] =>
  planAccessory(wanted, what).map((operation) => `${operation.do} ${"container" in operation ? operation.container : ""}`.trim());

const TAKE_OVER = [`start ${NEXT}`, `prove ${NEXT}`, `set-limits ${NEXT}`];
const REPLACE = [`create ${NEXT}`, `stop ${MAIN}`, ...TAKE_OVER, `remove ${MAIN}`, `rename ${NEXT}`];

describe("what a run does with what it finds", () => {
  it("does nothing when it runs as declared", () => expect(planned(DB, found({ main: aContainer(DB) }))).toEqual([]));

  it("runs it where nothing is, under a name that only a proved one loses", () =>
    expect(planned()).toEqual([`create ${NEXT}`, ...TAKE_OVER, `rename ${NEXT}`]));

  it("makes the network first", () => expect(planned(DB, found({ network: false }))[0]).toBe("network"));

  it("replaces one of another image: made first, then stopped, then started", () =>
    expect(planned(OTHER, found({ main: aContainer(DB) }))).toEqual(REPLACE));

  it("replaces one of another spec", () =>
    expect(planned(anAccessory({ env: { POSTGRES_USER: "other" } }), found({ main: aContainer(DB) }))).toEqual(REPLACE));

  it("takes Kamal's over in the same way", () =>
    expect(planned(DB, found({ main: aContainer(DB, { of: "kamal", spec: "" }) }))).toEqual(REPLACE));

  it("keeps one whose tag has moved in the registry", () =>
    expect(planned(DB, found({ main: aContainer(DB, { digest: `sha256:${"1".repeat(64)}` }) }))).toEqual([]));

  it("starts one that was stopped, and proves it", () =>
    expect(planned(DB, found({ main: stopped(DB) }))).toEqual([`start ${MAIN}`, `prove ${MAIN}`, `set-limits ${MAIN}`]));

  it("does not stop one that is stopped before it replaces it", () =>
    expect(planned(OTHER, found({ main: stopped(DB) }))).toEqual(REPLACE.filter((step) => !step.startsWith("stop"))));

  it("stops a container that crashes again and again: Docker could start it beside its successor", () =>
    expect(planned(OTHER, found({ main: aContainer(DB, { status: "restarting" }) }))).toEqual(REPLACE));

  it("takes the throw-away container of a killed run away", () =>
    expect(planned(DB, found({ main: aContainer(DB), helpers: [{ id: "7", name: `${MAIN}-version` }] }))).toEqual([
      `discard ${MAIN}-version`,
    ]));
});

describe("what a run does with what a dead one left", () => {
  it("a restore was not seen to its end: starts nothing on its data until that is over", () => {
    const restore = { name: `${MAIN}-restore`, container: MAIN, backup: "20261121-201530-123", running: true };
    expect(planned(OTHER, found({ main: stopped(DB), restore }))).toEqual([`end-restore ${MAIN}`]);
    const { text } = accessoryProvider.plan(DB, aState(DB, { found: found({ main: stopped(DB), restore }) }));
    expect(text).toContain("wait for the restore of shop-db-production from 20261121-201530-123, which goes on by itself");
  });

  it("main runs, a candidate was made: removes that, and goes on as usual", () => {
    const left = { next: aNext(OTHER, { running: false, status: "created" }) };
    expect(planned(OTHER, found({ main: aContainer(DB), ...left }))).toEqual([`discard ${NEXT}`, ...REPLACE]);
    expect(planned(DB, found({ main: aContainer(DB), ...left }))).toEqual([`discard ${NEXT}`]);
  });

  it("main runs, but would not be started again by Docker: gives it its policy back", () => {
    const main = aContainer(DB, { limits: { ...aContainer(DB).limits, restart: { name: "no", maximumRetryCount: 0 } } });
    expect(planned(DB, found({ main, next: aNext(OTHER, { running: false, status: "created" }) }))).toEqual([
      `discard ${NEXT}`,
      `reset-limits ${MAIN}`,
    ]);
  });

  it("main is stopped, the wanted candidate is made: starts that", () => {
    for (const status of ["created", "stopped with code 1"])
      expect(planned(OTHER, found({ main: stopped(DB), next: aNext(OTHER, { running: false, status }) }))).toEqual([
        ...TAKE_OVER,
        `remove ${MAIN}`,
        `rename ${NEXT}`,
      ]);
  });

  it("main is stopped, the candidate is of another config: back to main", () =>
    expect(planned(DB, found({ main: stopped(DB), next: aNext(OTHER, { running: false }) }))).toEqual([
      `discard ${NEXT}`,
      `start ${MAIN}`,
      `prove ${MAIN}`,
      `set-limits ${MAIN}`,
    ]));

  it("main is stopped, neither is wanted any more: main serves until the third one is made", () => {
    const third = anAccessory({ image: "postgres:16.6" });
    expect(planned(third, found({ main: stopped(DB), next: aNext(OTHER, { running: false }) }))).toEqual([
      `discard ${NEXT}`,
      `revive ${MAIN}`,
      ...REPLACE,
    ]);
  });

  it("main is stopped, the wanted candidate runs: proves it", () =>
    expect(planned(OTHER, found({ main: stopped(DB), next: aNext(OTHER) }))).toEqual([
      `prove ${NEXT}`,
      `set-limits ${NEXT}`,
      `remove ${MAIN}`,
      `rename ${NEXT}`,
    ]));

  it("main is gone, the wanted candidate runs: proves it and gives it the name", () =>
    expect(planned(OTHER, found({ next: aNext(OTHER) }))).toEqual([`prove ${NEXT}`, `set-limits ${NEXT}`, `rename ${NEXT}`]));

  it("main is gone, the wanted candidate was made: starts it", () =>
    expect(planned(OTHER, found({ next: aNext(OTHER, { running: false, status: "created" }) }))).toEqual([
      ...TAKE_OVER,
      `rename ${NEXT}`,
    ]));

  it("main is gone, the candidate is of another config: it is the one that is replaced", () =>
    expect(planned(DB, found({ next: aNext(OTHER) }))).toEqual([`rename ${NEXT}`, ...REPLACE]));

  it("both run: one of them goes at once, whatever is wanted", () => {
    expect(planned(OTHER, found({ main: aContainer(DB), next: aNext(OTHER) }))).toEqual([`discard ${NEXT}`, ...REPLACE]);
    expect(planAccessory(OTHER, found({ main: aContainer(DB), next: aNext(OTHER) }))[0]).toMatchObject({ running: true });
  });
});

describe("limits and the restart policy", () => {
  const options = { ...DB.options, memory: 512 * 1024 * 1024 };

  it("are set without a restart", () => {
    const [first, ...others] = planAccessory(anAccessory({ options }), found({ main: aContainer(DB) }));
    expect(first).toMatchObject({ do: "reset-limits", edited: ["memory no limit → 512 MB"] });
    expect(others).toEqual([]);
  });

  it("are no part of the spec", () => expect(anAccessory({ options }).spec).toBe(DB.spec));
});

describe("the route", () => {
  const { appPort: _port, ...served } = ROUTE;
  const proxied = anAccessory({ proxy: { ...ROUTE, appPort: 8025 } });
  const main = aContainer(proxied);

  it("is made where it is missing", () => expect(planned(proxied, found({ main }))).toEqual(["route"]));
  it("leads to the name, so that no replace has to move it", () =>
    expect(planned(proxied, found({ main, route: { targets: [`${MAIN}:8025`], options: served } }))).toEqual([]));
  it("is made again where it leads elsewhere or was edited", () => {
    expect(planAccessory(proxied, found({ main, route: { targets: ["1f3a9c:8025"], options: served } }))).toMatchObject([
      { do: "route", because: ["target"] },
    ]);
    const edited = { targets: [`${MAIN}:8025`], options: { ...served, responseTimeout: 1 } };
    expect(planAccessory(proxied, found({ main, route: edited }))).toMatchObject([{ do: "route", because: ["responseTimeout"] }]);
    const unbounded = { ...served, buffering: { ...served.buffering, maxRequestBody: 1_000_000 } };
    expect(planAccessory(proxied, found({ main, route: { targets: [`${MAIN}:8025`], options: unbounded } }))).toMatchObject([
      { do: "route", because: ["buffering", "largest request body: 1.0 MB → no limit"] },
    ]);
  });
  it("goes when it is not declared any more", () =>
    expect(planned(DB, found({ main: aContainer(DB), route: { targets: [], options: served } }))).toEqual(["unroute"]));
});

describe("what the preview says", () => {
  const text = (now = DB, was = DB, changes = {}) => accessoryProvider.plan(now, aState(was, changes)).text;

  it("says nothing of what is as declared", () =>
    expect(accessoryProvider.plan(DB, aState(DB))).toMatchObject({ changes: false }));

  it("names a first run", () =>
    expect(accessoryProvider.plan(DB, undefined).text).toMatch(
      /^db on web-1 {3}run postgres:16\.4\n {2}pull postgres:16\.4, create/,
    ));

  it("names the gap and what it is for", () => {
    const files = [{ path: "/etc/x", mode: 0o644, template: false, content: "a", encoding: "utf8" as const }];
    const now = anAccessory({ image: "postgres:16.5", env: { POSTGRES_USER: "other", NEW: "1" }, files });
    expect(text(now).split("\n")[0]).toBe(
      "db on web-1   replace in place, gap about 2 s: image postgres:16.4 → postgres:16.5, env +NEW ~POSTGRES_USER, files +/etc/x",
    );
  });

  it("names a changed file by its path and what differs, its content by hash alone", () => {
    const file = { path: "/etc/x", mode: 0o644, template: false, content: "s3cret a", encoding: "utf8" as const };
    const was = anAccessory({ files: [file], fileFingerprints: { "/etc/x": `9f31${"0".repeat(28)}` } });
    const files = [{ ...file, content: "s3cret b", mode: 0o600 }];
    const now = anAccessory({ files, fileFingerprints: { "/etc/x": `04bd${"0".repeat(28)}` } });
    expect(text(now, was).split("\n")[0]).toMatch(/: files ~\/etc\/x \(content 9f310000 → 04bd0000, mode 0644 → 0600\)$/);
    expect(text(now, was)).not.toContain("s3cret");
  });

  it("seals contents that a state of before has in the clear, and changes nothing on the host", () => {
    const files = [{ path: "/etc/x", mode: 0o644, template: false, content: "s3cret", encoding: "utf8" as const }];
    const now = anAccessory({ files, fileFingerprints: { "/etc/x": "9f31" } });
    const { fileFingerprints: _later, ...before } = aState(now);
    const state = AccessoryState.parse(before);
    expect(accessoryProvider.plan(now, state)).toEqual({
      changes: true,
      text: "db on web-1   no change on the host: contents of files become secret in the state",
    });
  });

  it("knows the gap of the last one", () => expect(text(OTHER, DB, { gap: 1.3 })).toContain("gap about 1.3 s"));

  it("names a changed secret, never its value, and says that data keeps its password", () => {
    const now = anAccessory({ secrets: { POSTGRES_PASSWORD: "n3wer" }, secretsFingerprint: "beef" });
    expect(text(now)).toContain("env secret ~POSTGRES_PASSWORD");
    expect(text(now)).toContain("a new POSTGRES_PASSWORD does not change the password in existing data");
    expect(text(now)).not.toMatch(/s3cret|n3wer/);
  });

  it("says that a limit needs no gap", () =>
    expect(text(anAccessory({ options: { ...DB.options, cpus: 2 } }))).toBe(
      "db on web-1   no gap\n  cpus no limit → 2, without a restart",
    ));

  it("says that a check changes nothing on the host", () => {
    const { changes, text } = accessoryProvider.plan(anAccessory({ bootTimeout: 90 }), aState(DB));
    expect([changes, text]).toEqual([true, "db on web-1   no change on the host: boot_timeout"]);
  });

  it("reports drift", () => {
    expect(text(DB, DB, { found: found() })).toContain("run postgres:16.4: found missing (drift)   was down");
    expect(text(DB, DB, { found: found({ main: stopped(DB) }) })).toContain("start, found stopped with code 0 (drift)");
  });

  it("reports what a dead run left", () =>
    expect(text(OTHER, OTHER, { found: found({ main: stopped(DB), next: aNext(OTHER) }) })).toContain(
      "finish the interrupted replacement",
    ));

  it("names whose a container of its name is", () => {
    const main = aContainer(DB, { of: "other", whose: "the Compose project wiki", spec: "" });
    expect(text(DB, DB, { found: found({ main }) })).toContain(
      `the name ${MAIN} is taken by a container that belongs to the Compose project wiki`,
    );
  });

  it("says how much would go with it", () => {
    const now = anAccessory({ data: "delete" });
    expect(text(now, DB)).toContain("removing it also removes its data; this run measures how much that is");
    expect(text(now, DB, { bytes: { "shop-db-data": 41_200_000 } })).toContain("removing it also removes 41 MB of shop-db-data");
  });

  it("says that another machine does not have its data", () => {
    const now = anAccessory({ host: { ...DB.host, address: "203.0.113.11" } });
    const { changes, replace, text } = accessoryProvider.plan(now, aState(DB));
    expect([changes, replace]).toEqual([true, undefined]);
    expect(text).toContain(
      "web-1 was at 203.0.113.10: if that is a different machine, the container there is stopped and removed; its data stays there",
    );
  });

  it("refuses another name of the container, under which it would start without its data", () => {
    const plan = (changes: Parameters<typeof anAccessory>[0], state = aState(DB)) =>
      accessoryProvider.plan(anAccessory({ container: "store-db", ...changes }), state);
    expect(() => plan({ service: "store" })).toThrow(
      new RegExp(
        `${MAIN} would become store-db, and start without its data in ${MAIN}-var-lib-postgresql-data[^]*next: keep its name: slipway:service: shop, slipway:destination: production`,
      ),
    );
    const mounts = [{ source: `${MAIN}-var-lib-postgresql-data`, target: "/var/lib/postgresql/data", readOnly: false }];
    for (const declared of [{ mounts }, { startEmpty: true as const }])
      expect(plan(declared).replace).toEqual({ because: ["container"], first: "delete" });
    expect(() => plan({ mounts }, aState(DB, { data: "delete" }))).toThrow("after a run with data: keep");
  });

  it("says what keeps the name of one that belongs to no app, in the words of a program", () => {
    const alone = aState(anAccessory({ service: MAIN }));
    expect(() => accessoryProvider.plan(anAccessory({ service: "store-db", container: "store-db" }), alone)).toThrow(
      new RegExp(`next: keep its name: service: "${MAIN}" in its arguments; or mount the data by name`),
    );
  });
});
