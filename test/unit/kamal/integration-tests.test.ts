import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const TESTS = join(import.meta.dirname, "..", "..");

/** What one of Kamal's integration tests asserts, with the tests here that assert the same, and why one is different or missing. */
interface Row {
  readonly of: string;
  /** File below test/, and what the test is called. */
  readonly tests: readonly (readonly [file: string, title: string])[];
  readonly because?: string;
}

const main = (of: string, ...tests: Row["tests"]): Row => ({ of: `main: ${of}`, tests });

const ROWS: readonly Row[] = [
  main(
    "down before a deploy, the right version after each",
    ["engine/release.test.ts", "is put on fresh servers by one pulumi up"],
    ["engine/release.test.ts", "times under load, and every visitor gets the old one or the new one"],
  ),
  {
    ...main("redeploy", ["engine/release.test.ts", "is not touched by a second up"]),
    because: "the opposite on purpose: nothing happens where nothing has changed",
  },
  main("rollback", ["engine/cli/write.test.ts", "rolls image, env and secret back as they were"]),
  main("details", ["engine/cli/read.test.ts", "is printed on one screen, over one SSH connection to each host"]),
  {
    ...main("hooks, and what they know", ["unit/components/app/hook.test.ts", "run once for each release, with its facts"]),
    because: "that Pulumi's command runs them is proved by its own provider, which the lab does not have",
  },
  {
    ...main("log file, OpenTelemetry, audit", ["unit/kamal/refused-by-kamal.test.ts", "output without a target"]),
    because: "a run writes no log of its own: the import says what to do instead; who has released what is in slipway releases",
  },
  main(
    "clear, secret and tagged values, KAMAL_HOST",
    ["engine/roles.test.ts", "gives each role's containers what the role says"],
    ["engine/roles.test.ts", "get the environment of their tags and the host names of their own"],
    ["engine/secrets.test.ts", "reaches the app"],
  ),
  main("values in UTF-8 and in quotes", [
    "unit/providers/release/container.test.ts",
    "has any text in its environment as it is written",
  ]),
  {
    ...main("${HOST_TOKEN} from the environment of the host", [
      "unit/kamal/translate/translate.test.ts",
      "says who has to write",
    ]),
    because: "no shell of a host reads a value here: the import names the line",
  },
  main("secrets by an adapter", ["wire/secrets/dotenv.test.ts", "asks the store itself, once, without Kamal"]),
  main(
    "assets of both versions, hidden files, read-only",
    ["engine/assets.test.ts", "of both versions are served during the swap and after it"],
    ["engine/assets.test.ts", "and cannot be written"],
  ),
  main(
    "an app with roles",
    ["engine/roles.test.ts", "starts each role where it belongs"],
    ["engine/roles.test.ts", "replaces all of them, the worker when web is healthy"],
  ),
  main(
    "the merged config",
    ["unit/kamal/files/read.test.ts", "are merged as Kamal does"],
    ["unit/config/config.test.ts", "is complete with defaults"],
  ),
  {
    ...main("aliases", ["unit/kamal/translate/sections.test.ts", "the alias %s is %s"]),
    because: "they are scripts of package.json, which npm runs",
  },
  main(
    "destinations",
    ["engine/import.test.ts", "a deploy.yml with a destination takes the fleet over"],
    ["unit/components/declare/stack.test.ts", "is the one of its name, if that has a file"],
    ["engine/retention.test.ts", "is nothing of another destination or service"],
  ),
  main(
    "setup and remove",
    ["provider/docker-engine.test.ts", "gets it as root, enabled and with bounded logs, and then nothing more"],
    ["engine/destroy.test.ts", "leaves the host as it was before the first up, with all that is others'"],
  ),
  main(
    "two apps: the proxy stays with the last of them",
    ["engine/stale.test.ts", "share one proxy, which the second does not touch"],
    ["engine/stale.test.ts", "leave each other alone when one is taken down"],
    ["engine/destroy.test.ts", "leaves the proxy to another service that needs it"],
  ),
  {
    ...main("behind Traefik", ["unit/kamal/refused-by-kamal.test.ts", "a port of a proxy that publishes none"]),
    because: "publish: false only leaves out the ports of the proxy's container, which the plan of the proxy compares",
  },
  main("a custom certificate on two hosts", ["provider/release/certificate.test.ts", "is shown by every host"]),

  {
    of: "app: stop, start",
    tests: [["engine/cli/write.test.ts", "is healed when its container was stopped by hand"]],
    because: "what is declared runs: slipway:maintenance answers requests instead of it",
  },
  {
    of: "app: boot, logs, images, containers",
    tests: [
      ["engine/cli/read.test.ts", "shows the lines of all hosts in the order of Docker's times"],
      ["engine/cli/read.test.ts", "names what a rollback needs no pull for"],
    ],
  },
  {
    of: "app: exec in a new container and in the live one, bytes through a pipe",
    tests: [
      ["engine/cli/read.test.ts", "runs a command beside the release, with its secrets, and leaves nothing"],
      ["engine/cli/read.test.ts", "ends with the command's exit code, in a new container and in the live one"],
      ["engine/cli/read.test.ts", "any bytes through"],
    ],
  },
  {
    of: "app: maintenance, live",
    tests: [
      ["provider/release/maintenance.test.ts", "answers 503 with the message at once and restarts nothing"],
      ["provider/release/maintenance.test.ts", "serves again when it is taken out"],
    ],
  },
  {
    of: "app: remove",
    tests: [["engine/destroy.test.ts", "pulumi destroy leaves the host as it was before the first up"]],
    because: "without its app, the rest of a stack is one of accessories alone",
  },
  {
    of: "app: roles in parallel, or one after the other",
    tests: [["engine/waves.test.ts", "starts no worker before web serves everywhere where roles go one after the other"]],
  },
  {
    of: "app: custom error pages",
    tests: [
      ["provider/release/error-pages.test.ts", "are shown in maintenance, with its message"],
      ["provider/release/error-pages.test.ts", "stay over a new release and a restart of the proxy"],
    ],
  },
  {
    of: "broken deploy: the first version stays, the worker's too, and the log is shown",
    tests: [
      ["provider/release/broken.test.ts", "that exits at boot is refused at once"],
      ["engine/roles.test.ts", "leaves all on the version before when the new one exits at boot"],
      ["engine/roles.test.ts", "leaves web on the version before, too, when only the new worker exits"],
    ],
  },
  {
    of: "accessory: boot, boot again, stop, start, restart, logs, remove",
    tests: [
      ["engine/cli/accessory.test.ts", "restarts it in its own container, waits until it answers"],
      ["engine/cli/accessory.test.ts", "stops it, says what starts it again, and starts it"],
      ["engine/cli/accessory.test.ts", "shows its lines, and goes on with those of the container that replaces it"],
      ["provider/accessory/data.test.ts", "stays when the accessory is removed, and is there when it comes back"],
    ],
  },
  {
    of: "accessory: modes and owners of files and folders, a mount that only reads",
    tests: [
      ["provider/accessory/data.test.ts", "are there before it starts, with owner, mode and values of the environment"],
      ["unit/config/accessory/directory.test.ts", "have the options of their mount"],
    ],
    because: "a file is a copy in the container, which no other container shares",
  },
  {
    of: "accessory: proxied",
    tests: [
      ["provider/accessory/accessory.test.ts", "answers through the proxy, also after it was replaced, until it is not declared"],
    ],
    because: "the route of one that is stopped by hand stays, and answers 502 until it is started",
  },
  { of: "lock", tests: [["engine/cli/read.test.ts", "keeps every other run waiting, shows it who and why"]] },
  {
    of: "proxy: boot, boot again, boot when it was stopped, stop, start, logs",
    tests: [
      ["provider/proxy/drift.test.ts", "when it was stopped"],
      ["engine/drift.test.ts", "of a proxy that was removed, and of the routes that went with it"],
    ],
  },
  {
    of: "proxy: reboot, rolling",
    tests: [["provider/proxy/drift.test.ts", "when it was removed"]],
    because:
      "a proxy is replaced where its declaration changes, which the plan says with the gap; nothing else makes it necessary",
  },
];

describe("Kamal's integration tests", () => {
  it.each(ROWS.map((row) => [row.of, row] as const))(
    "%s: is asserted here, or there is a reason why not",
    (_, { tests, because }) => {
      expect(tests.length + (because ?? "").length).toBeGreaterThan(0);
      for (const [file, title] of tests)
        expect([file, readFileSync(join(TESTS, file), "utf8").includes(title)]).toEqual([file, true]);
    },
  );
});
