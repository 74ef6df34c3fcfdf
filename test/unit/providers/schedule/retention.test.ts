import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, it } from "vitest";
import { Folder } from "../../../../providers/schedule/runner/folder.ts";
import { nextId, outdated, prune } from "../../../../providers/schedule/runner/retention.ts";

const files = (...names: string[]) => names.map((file) => ({ file, bytes: 1 }));
const NOW = new Date("2026-11-29T20:53:25.429Z");
const AHEAD = ["20261130-031701-001.dump", "20261130-031702-002.dump", "20261130-031703-003.dump"];

it("begins after every backup that is stored, so that the newest is the last one, whatever the clock says", () => {
  expect(nextId(files("20261128-031700-000.dump"), NOW)).toEqual({ id: "20261129-205325-429", ahead: 0 });
  expect(nextId(files(...AHEAD), NOW)).toEqual({ id: "20261130-031703-004", ahead: 3 });
  expect(nextId(files(), NOW)).toEqual({ id: "20261129-205325-429", ahead: 0 });
});

it("never removes what was stored last, even when a clock was set back between two runs", () => {
  const stored = "20261129-205325-429";
  const left = [...AHEAD, `${stored}.dump`];
  expect(outdated(files(...left), 3, stored)).toEqual([AHEAD[0]]);
  expect(outdated(files(...left), 1, stored)).toEqual(AHEAD);
});

it("keeps each new backup of a folder whose backups are of the future", async () => {
  const path = await mkdtemp(join(tmpdir(), "slipway-keep-"));
  for (const file of AHEAD) await writeFile(join(path, file), "x");
  const folder = new Folder(path);
  for (let turn = 0; turn < 4; turn += 1) {
    const { id } = nextId(await folder.list(), NOW);
    await folder.store(`${id}.dump`, Readable.from([Buffer.from(`run ${turn}`)]), async () => {});
    await prune(folder, 3, id);
    expect(await readdir(path)).toContain(`${id}.dump`);
  }
  expect((await readdir(path)).sort()).toEqual([
    "20261130-031703-005.dump",
    "20261130-031703-006.dump",
    "20261130-031703-007.dump",
  ]);
});
