import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Journal as WrittenJournal } from "../../providers/schedule/runner/journal.ts";
import type { Server, Swap } from "../../providers/schedule/runner/swapping.ts";

/** Counts the changes of the disk, and those on their way. From number `diesAt` on none is done: the process was killed. */
const disk = vi.hoisted(() => ({ changes: 0, onTheWay: 0, diesAt: Number.POSITIVE_INFINITY }));
const change = vi.hoisted(() => (): void => {
  disk.changes += 1;
  if (disk.changes >= disk.diesAt) throw new Error("killed");
});

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const counted = <A extends unknown[], R>(work: (...args: A) => R) =>
    vi.fn(async (...args: A) => {
      change();
      disk.onTheWay += 1;
      return Promise.resolve(work(...args)).finally(() => {
        disk.onTheWay -= 1;
      });
    });
  const { rename, rm, mkdir, link, copyFile, writeFile } = real;
  return {
    ...real,
    rename: counted(rename),
    rm: counted(rm),
    mkdir: counted(mkdir),
    link: counted(link),
    copyFile: counted(copyFile),
    writeFile: counted(writeFile),
  };
});
vi.mock("node:child_process", async (original) => {
  const real = await original<typeof import("node:child_process")>();
  const { promisify } = await import("node:util");
  const run = promisify(real.execFile);
  // Of a copy that is killed a part is there.
  const execFile = Object.assign(() => {}, {
    [promisify.custom]: async (file: string, args: readonly string[] = []) => {
      if (file === "cp" && disk.changes + 1 >= disk.diesAt)
        await run("cp", ["-a", `${args[2]}/one`, args[3] ?? ""]).catch(() => {});
      change();
      // Slow, and of no effect here.
      return file === "sync" ? { stdout: "", stderr: "" } : run(file, [...args]);
    },
  });
  return { ...real, execFile };
});

// The unit tests of one worker share their modules: these are loaded again, upon the disk that is counted, and not left behind.
vi.resetModules();
const { Journal } = await import("../../providers/schedule/runner/journal.ts");
const { filesSwap } = await import("../../providers/schedule/runner/swap-files.ts");
const { redisSwap } = await import("../../providers/schedule/runner/swap-redis.ts");
const { swapUnder } = await import("../../providers/schedule/runner/swapping.ts");
afterAll(() => void vi.resetModules());

/** Where there is one, a file system without a disk, on which a flush costs nothing: a swap makes hundreds. */
const MEMORY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(MEMORY, "slipway-swap-"));
  Object.assign(disk, { changes: 0, diesAt: Number.POSITIVE_INFINITY });
});
afterEach(() => rmSync(home, { recursive: true }));

const put = (path: string, text: string): void => {
  mkdirSync(join(home, path, ".."), { recursive: true });
  writeFileSync(join(home, path), text);
};

/** Every file with its content. */
const contentOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(home, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => [
        join(parentPath, name).slice(home.length + folder.length + 2),
        readFileSync(join(parentPath, name), "utf8"),
      ]),
  );

interface Kind {
  readonly swap: (journal: WrittenJournal) => Swap;
  readonly setUp: () => void;
  /** What a server that starts would find: `old`, `new`, or what it is instead. */
  readonly finds: () => string;
}

const same = (found: object, ...known: [string, object][]): string =>
  known.find(([, content]) => JSON.stringify(content) === JSON.stringify(found))?.[0] ?? JSON.stringify(found);

const REDIS: Kind = {
  swap: (journal) => redisSwap({ kind: "redis", folder: join(home, "data"), stamp: "S" }, journal),
  setUp: () => {
    put("data/dump.rdb", "old");
    put("data/appendonlydir/appendonly.aof.manifest", "old log");
    put("data/.restore-S", "new");
  },
  finds: () => {
    const found = Object.entries(contentOf("data")).filter(([name]) =>
      /^(?:dump\.rdb|appendonly\.aof|appendonlydir\/.*)$/.test(name),
    );
    return same(
      Object.fromEntries(found.sort()),
      ["old", { "appendonlydir/appendonly.aof.manifest": "old log", "dump.rdb": "old" }],
      [
        "new",
        {
          "appendonlydir/appendonly.aof.1.base.rdb": "new",
          "appendonlydir/appendonly.aof.manifest": "file appendonly.aof.1.base.rdb seq 1 type b\n",
          "dump.rdb": "new",
        },
      ],
    );
  },
};

const FILES: Kind = {
  swap: (journal) =>
    filesSwap({ kind: "files", folder: join(home, "volumes"), aside: join(home, "aside"), stage: join(home, "stage") }, journal),
  setUp: () => {
    for (const part of ["a", "b"]) {
      put(`volumes/${part}/one`, "old");
      put(`volumes/${part}/two`, "old");
      put(`stage/${part}/one`, "new");
      put(`stage/${part}/three`, "new");
      mkdirSync(join(home, "aside", part), { recursive: true });
    }
  },
  finds: () =>
    same(
      Object.fromEntries(Object.entries(contentOf("volumes")).sort()),
      ["old", { "a/one": "old", "a/two": "old", "b/one": "old", "b/two": "old" }],
      ["new", { "a/one": "new", "a/three": "new", "b/one": "new", "b/three": "new" }],
    ),
};

/** Notes what it would find at each start. */
class FakeServer implements Server {
  readonly starts: string[] = [];
  readonly #finds: () => string;
  readonly #refuses: boolean;

  constructor(finds: () => string, refuses: boolean) {
    this.#finds = finds;
    this.#refuses = refuses;
  }

  async stop(): Promise<void> {}

  async start(): Promise<void> {
    change();
    this.starts.push(this.#finds());
  }

  async ready(): Promise<void> {
    change();
    if (this.#refuses && this.starts.at(-1) === "new") throw new Error("the server ended with code 1");
  }

  async lastLogs(): Promise<string[]> {
    return ["Bad file format"];
  }
}

describe.each([
  ["the files of Redis", REDIS],
  ["the files of volumes", FILES],
])("a swap of %s", (_what, { swap, setUp, finds }) => {
  const run = (server: Server, diesAt = Number.POSITIVE_INFINITY) => {
    Object.assign(disk, { changes: 0, diesAt });
    const journal = new Journal(join(home, "journal"));
    return swapUnder(server, swap(journal), journal);
  };

  it("leaves no change on its way when one fails: it would meet the data that is put back", async () => {
    for (let failsAt = 1; ; failsAt += 1) {
      for (const name of readdirSync(home)) rmSync(join(home, name), { recursive: true });
      setUp();
      Object.assign(disk, { changes: 0, diesAt: failsAt });
      const failed = await swap(new Journal(join(home, "journal")))
        .forward()
        .then(
          () => false,
          () => true,
        );
      expect(disk.onTheWay, `failed at change ${failsAt}`).toBe(0);
      if (!failed) break;
    }
    expect(disk.changes).toBeGreaterThan(3);
  });

  it("gives the server the new data, and nothing is left of the work", async () => {
    setUp();
    const server = new FakeServer(finds, false);
    expect(await run(server)).toEqual({ end: "swapped" });
    expect(server.starts).toEqual(["new"]);
    expect(readdirSync(home, { recursive: true }).filter((name) => String(name).includes(".restore-S"))).toEqual([]);
  });

  it("gives it the old data again when it does not start with the new, and says why", async () => {
    setUp();
    const server = new FakeServer(finds, true);
    const why = "the server ended with code 1";
    expect(await run(server)).toEqual({ end: "taken back", why, evidence: ["Bad file format"] });
    expect(server.starts).toEqual(["new", "old"]);
  });

  it.each([
    { refuses: false, end: "swapped", last: "new" },
    { refuses: true, end: "taken back", last: "old" },
  ])("ends the same ($end) at whichever change it was killed, and never starts the server on a part", async (one) => {
    let killed = 0;
    for (let diesAt = 1; ; diesAt += 1) {
      for (const name of readdirSync(home)) rmSync(join(home, name), { recursive: true });
      setUp();
      const server = new FakeServer(finds, one.refuses);
      const wasKilled = await run(server, diesAt).then(
        () => false,
        () => true,
      );
      if (!wasKilled && disk.changes < diesAt) break;
      expect(await run(server), `killed at change ${diesAt}`).toMatchObject({ end: one.end });
      expect(new Set(server.starts), `killed at change ${diesAt}`).toEqual(
        one.refuses ? new Set(["new", "old"]) : new Set(["new"]),
      );
      expect(finds(), `killed at change ${diesAt}`).toBe(one.last);
      killed = diesAt;
    }
    expect(killed).toBeGreaterThan(10);
    expect(existsSync(join(home, "journal"))).toBe(true);
  });
});
