import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { aProject, problems, type Section } from "../fixture.ts";

import { db, withDb } from "./fixture.ts";

describe("files", () => {
  const PROJECT = {
    "db/plain.conf": `a = $1 \${NOT_OURS}\n`,
    "db/app.tmpl": `user = \${POSTGRES_USER}\npassword = \${POSTGRES_PASSWORD}\nliteral = $\${HOME}\n`,
    "db/wrong.tmpl": `\${NOPE} \${HOME:-other programs'}`,
    "db/old.erb": "<%= 1 %>",
    "large.bin": "x".repeat(2 ** 20 + 1),
  };
  const ENV = { clear: { POSTGRES_USER: "app" }, secret: ["POSTGRES_PASSWORD"] };
  const project = (files: unknown, part: Section = {}) => {
    using folder = aProject(PROJECT);
    writeFileSync(join(folder.root, "logo.png"), Buffer.from([0xff, 0xd8, 0x00]));
    return db({ env: ENV, files, ...part }, {}, { root: folder.root }).files;
  };
  const problem = (files: unknown, part: Section = {}) => {
    using folder = aProject(PROJECT);
    return problems(withDb({ env: ENV, files, ...part }), { root: folder.root }).map((line) =>
      line.replace("slipway:accessories.db.", ""),
    );
  };

  it("are read, as text where they are", () => {
    expect(project(["db/plain.conf:/etc/plain.conf", "logo.png:/logo.png:ro"])).toEqual([
      {
        path: "/etc/plain.conf",
        mode: 0o644,
        owner: undefined,
        template: false,
        content: PROJECT["db/plain.conf"],
        encoding: "utf8",
      },
      { path: "/logo.png", mode: 0o644, owner: undefined, template: false, content: "/9gA", encoding: "base64" },
    ]);
  });
  it("have a mode and an owner", () =>
    expect(project([{ local: "db/plain.conf", remote: "/a", mode: "0600", owner: "postgres:999" }])).toMatchObject([
      { mode: 0o600, owner: "postgres:999" },
    ]));
  it("are templates by their name, or where that is written", () => {
    expect(project(["db/app.tmpl:/a"])).toMatchObject([{ template: true, content: PROJECT["db/app.tmpl"] }]);
    expect(project([{ local: "db/wrong.tmpl", remote: "/a", template: false }])).toMatchObject([{ template: false }]);
  });

  it("have their content in the config, if it is written there", () => {
    expect(project([{ content: "save 60 1\n", remote: "/a" }])).toMatchObject([{ content: "save 60 1\n", template: false }]);
    expect(project([{ content: `user = \${POSTGRES_USER}`, remote: "/a", template: true }])).toMatchObject([{ template: true }]);
  });

  it.each<[string, unknown, string]>([
    ["neither a file nor a content", [{ remote: "/a" }], "files[0].local is required, or content"],
    [
      "both of them",
      [{ local: "db/plain.conf", content: "x", remote: "/a" }],
      "files[0].content not allowed together with local: set one of the two",
    ],
    [
      "a large content",
      [{ content: "x".repeat(2 ** 20 + 1), remote: "/a" }],
      "files[0].content is larger than 1 MiB: add it to the image, or mount a folder",
    ],
    [
      "a content that could not be filled",
      [{ content: `\${NOPE}`, remote: "/a", template: true }],
      `files[0].content \${NOPE} in it is not in the accessory's env; for a literal one write $\${NOPE}`,
    ],
    ["one that is missing", ["nope:/a"], 'files[0] the project has no file "nope"'],
    ["a folder", ["db:/a"], 'files[0] "db" is a folder: list its files'],
    ["one outside", ["../x:/a"], 'files[0] "../x" is outside the project'],
    ["a large one", ["large.bin:/a"], 'files[0] "large.bin" is larger than 1 MiB: add it to the image, or mount a folder'],
    ["no target", ["db/plain.conf"], 'files[0] "db/plain.conf" is not local:remote; for mode and owner use a map'],
    ["a relative target", ["db/plain.conf:etc/a"], 'files[0] "etc/a" should be the absolute path of a file in the container'],
    ["a folder as target", ["db/plain.conf:/etc/"], 'files[0] "/etc/" should be the absolute path of a file in the container'],
    ["two at one path", ["db/plain.conf:/a", "db/app.tmpl:/a"], 'files[1] "/a" is written twice'],
    ["a map without a target", [{ local: "db/plain.conf" }], "files[0].remote is required"],
    [
      "a mode that YAML has read",
      [{ local: "db/plain.conf", remote: "/a", mode: 420 }],
      'files[0].mode should be text: write it in quotes, "0644": without them YAML reads 0644 as 420',
    ],
    [
      "a mode that is none",
      [{ local: "db/plain.conf", remote: "/a", mode: "0888" }],
      'files[0].mode "0888" is not a mode: write "0640"',
    ],
    [
      "an owner that is none",
      [{ local: "db/plain.conf", remote: "/a", owner: "a b" }],
      'files[0].owner "a b" is not user or user:group, by name or number',
    ],
    ["ERB", ["db/old.erb:/a"], `files[0] "db/old.erb": ERB is not supported: name it .tmpl and write \${NAME} for values of env`],
  ])("refuses %s", (_, files, expected) => expect(problem(files)).toEqual([expected]));
  it("refuses what a template could not be filled with", () =>
    expect(problem(["db/wrong.tmpl:/a"])).toEqual([
      `files[0] \${NOPE} in it is not in the accessory's env; for a literal one write $\${NOPE}`,
    ]));
  it("refuses them where nothing can be written", () =>
    expect(problem(["db/plain.conf:/a"], { options: { read_only: true } })).toEqual([
      "files not allowed with options.read_only, which lets no file into the container: mount a folder with volumes",
    ]));
});
