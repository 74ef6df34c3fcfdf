import { expect } from "vitest";
import type { Accessory } from "../../../../config/index.ts";
import { type Circumstances, problems, read, type Section } from "../fixture.ts";

export const HOST = "203.0.113.10";
export const set = (name: string) => `pulumi config set --secret --path 'slipway:secrets.${name}'`;
/** A config with the accessory `db` beside the app. */
export const withDb = (part: Section, root: Section = {}): Section => ({
  secrets: { POSTGRES_PASSWORD: "s3cret", LOGIN: "token" },
  ...root,
  accessories: { db: { image: "postgres:16.4", host: HOST, ...part } },
});
export function db(part: Section = {}, root: Section = {}, circumstances?: Circumstances): Accessory {
  const [only] = read(withDb(part, root), circumstances).accessories;
  if (only === undefined) throw new Error("no accessory");
  return only;
}
export const refused = (part: Section, problem: string, root?: Section, circumstances?: Circumstances) =>
  expect(problems(withDb(part, root), circumstances)).toEqual([`slipway:accessories.db${problem}`]);
