import { describe, expect, it } from "vitest";
import { problems, type Section } from "./fixture.ts";

const HOST = "203.0.113.10";
const OTHER = "203.0.113.11";

const found = (accessories: Record<string, Section>, root: Section = {}): string[] =>
  problems({
    ...root,
    accessories: Object.fromEntries(
      Object.entries(accessories).map(([name, part]) => [name, { image: "acme/thing:1", host: HOST, ...part }]),
    ),
  });
const DB = { image: "postgres:16.4", volumes: ["shop-data:/var/lib/postgresql/data"] };

describe("two writers of one place on one host", () => {
  it.each<[string, Record<string, Section>, string]>([
    ["one volume", { db: DB, other: DB }, 'other.volumes[0] "shop-data" is written by the accessory db on'],
    [
      "one volume, without a preset",
      { a: { volumes: ["v1:/x"] }, b: { volumes: ["v1:/y"] } },
      'b.volumes[0] "v1" is written by the accessory a on',
    ],
    [
      "one folder, spelt differently",
      { a: { volumes: ["/srv/db/:/x"] }, b: { volumes: ["/srv//db:/y"] } },
      'b.volumes[0] "/srv/db" is written by the accessory a on',
    ],
    [
      "a folder below",
      { a: { volumes: ["/srv/db:/x"] }, b: { volumes: ["/srv/db/sub:/y"] } },
      'b.volumes[0] "/srv/db/sub" and "/srv/db" are written by the accessory a on',
    ],
    [
      "a folder above",
      { a: { volumes: ["/srv/db/sub:/x"] }, b: { volumes: ["/srv:/y"] } },
      'b.volumes[0] "/srv" and "/srv/db/sub" are written by the accessory a on',
    ],
    [
      "a folder and a mount",
      { a: { directories: ["/srv/db:/x"] }, b: { volumes: ["/srv/db:/y"] } },
      'b.volumes[0] "/srv/db" is written by the accessory a on',
    ],
    [
      "the host as a whole over a database",
      { a: { volumes: ["/:/host"] }, db: { ...DB, volumes: ["/srv/db:/var/lib/postgresql/data"] } },
      'db.volumes[0] "/srv/db" and "/" are written by the accessory a on',
    ],
    [
      "the folder above the data of a preset",
      { a: { volumes: ["v1:/x"] }, db: { ...DB, volumes: ["v1:/var/lib/postgresql"] } },
      'db.volumes[0] "v1" is written by the accessory a on',
    ],
    [
      "the volume that a preset has of itself",
      { a: { volumes: ["shop-db-production-var-lib-postgresql-data:/x"] }, db: { image: "postgres:16.4" } },
      'db "shop-db-production-var-lib-postgresql-data" is written by the accessory a on',
    ],
  ])("is refused: %s", (_what, accessories, start) => {
    expect(found(accessories)).toEqual([
      `slipway:accessories.${start} ${HOST}, too, which destroys the data of a server: use another one, or mount it with :ro`,
    ]);
  });

  it("is refused for a role that writes to the data of a database", () => {
    expect(found({ db: DB }, { volumes: ["shop-data:/backup"] })).toEqual([
      `slipway:accessories.db.volumes[0] "shop-data" is written by the role web on ${HOST}, too, which destroys the data of a server: use another one, or mount it with :ro`,
    ]);
    expect(found({ db: DB }, { volumes: ["shop-data:/backup:ro"] })).toEqual([]);
  });

  it.each<[string, Record<string, Section>, Section?]>([
    ["on different hosts", { a: DB, b: { ...DB, host: OTHER } }],
    ["if one only reads", { db: DB, b: { volumes: ["shop-data:/y:ro"] } }],
    ["of names that only begin alike", { a: { volumes: ["/srv/db:/x"] }, b: { volumes: ["/srv/db2:/y"] } }],
    ["of folders that each accessory has for itself", { a: { directories: ["data:/x"] }, b: { directories: ["data:/y"] } }],
    ["of Docker's socket", { a: { volumes: ["/var/run/docker.sock:/s"] }, b: { volumes: ["/var/run/docker.sock:/s"] } }],
    ["of roles, which share uploads", {}, { servers: { web: [HOST], worker: [HOST] }, volumes: ["uploads:/u"] }],
    ["of a role and an accessory that is no database", { img: { volumes: ["uploads:/u"] } }, { volumes: ["uploads:/u"] }],
    [
      "of a preset's other folders and a role",
      { db: { ...DB, volumes: ["d1:/var/lib/postgresql/data", "wal:/wal"] } },
      { volumes: ["wal:/wal"] },
    ],
  ])("is allowed: %s", (_what, accessories, root) => expect(found(accessories, root)).toEqual([]));
});
