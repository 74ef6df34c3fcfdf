import { describe, expect, it } from "vitest";
import type { Section } from "../fixture.ts";

import { db, refused } from "./fixture.ts";

describe("directories and volumes", () => {
  it("are folders of the host", () =>
    expect(
      db({ directories: ["data/:/data/", "./a/../b:/b", { local: "/srv/c/", remote: "/c", mode: "0700", owner: 999 }] })
        .directories,
    ).toEqual([
      { source: "data", target: "/data", mode: undefined, owner: undefined },
      { source: "b", target: "/b", mode: undefined, owner: undefined },
      { source: "/srv/c", target: "/c", mode: 0o700, owner: "999" },
    ]));
  it("have the options of their mount", () =>
    expect(db({ directories: ["a:/a:ro,z", { local: "b", remote: "/b", options: "Z" }, "c:/c:rw"] }).directories).toEqual([
      { source: "a", target: "/a", mode: undefined, owner: undefined, readOnly: true, relabel: "z" },
      { source: "b", target: "/b", mode: undefined, owner: undefined, relabel: "Z" },
      { source: "c", target: "/c", mode: undefined, owner: undefined },
    ]));
  it("are volumes as the app has them", () =>
    expect(db({ volumes: ["shop-db:/data:ro"] }).mounts).toEqual([{ source: "shop-db", target: "/data", readOnly: true }]));
  it.each<[string, Section, string]>([
    [
      "no target",
      { directories: ["data"] },
      '.directories[0] "data" is not local:remote or local:remote:options; for more, use a map',
    ],
    ["options", { directories: ["data:/a:rx"] }, '.directories[0] unknown option "rx"; available: ro, rw, z, Z'],
    [
      "a way out",
      { directories: ["../a:/a"] },
      '.directories[0] "../a" should be a folder below the accessory\'s folder, or an absolute path',
    ],
    ["a home", { directories: ["~/a:/a"] }, '.directories[0] "~/a": remove the ~: a relative path is already below the home'],
    [
      "all of the host",
      { directories: ["/:/a"] },
      ".directories[0] should be a folder, not the root of the host: use volumes for that",
    ],
    ["a relative target", { directories: ["a:b"] }, '.directories[0] "b" should be an absolute path in the container'],
    ["one target twice", { directories: ["a:/a", "b:/a/"] }, '.directories[1] "/a" is already mounted'],
    ["a volume's target", { directories: ["a:/a"], volumes: ["vol:/a"] }, '.directories[0] "/a" is already mounted'],
    [
      "the deletion of a folder at the root",
      { directories: ["/srv:/a"], data: "delete" },
      '.directories[0] data: delete would delete "/srv": use a folder below it',
    ],
    ["a map without a source", { directories: [{ remote: "/a" }] }, ".directories[0].local is required"],
  ])("refuse %s", (_, part, problem) => refused(part, problem));
});
