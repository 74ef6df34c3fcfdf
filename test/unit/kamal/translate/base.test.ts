import { describe, expect, it } from "vitest";
import { translated, WITHOUT_SERVERS } from "./fixture.ts";

describe("a base without hosts", () => {
  const yaml = `${WITHOUT_SERVERS}servers:\n  web: { cmd: x }\n  jobs: { cmd: y }\naccessories:\n  db: { image: a }\nproxy: { ssl: true }\n`;

  it("is one thing to do: its destination is missing", () => {
    const { said, translation } = translated(yaml);
    expect(said.filter((line) => line.startsWith("needs you"))).toEqual([
      expect.stringContaining("no file that was read has hosts for web, jobs, db"),
    ]);
    expect(translation.isPartial).toBe(true);
  });

  it("is whole with one", () => {
    const files = { "config/deploy.staging.yml": "servers: { web: { hosts: [203.0.113.10] } }\n" };
    expect(translated(yaml, { files, destination: "staging" }).translation.isPartial).toBe(false);
  });
});
