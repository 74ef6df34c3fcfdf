import { expect, it } from "vitest";
import { messageOf } from "../../../../core/error.ts";
import { refuseClashes } from "../../../../providers/accessory/refuse-clashes.ts";
import { aContainer, anAccessory, found } from "./fixture.ts";

const DB = anAccessory();

/** What is said of a container of another owner under its name. */
function refusal(stack: string): string {
  const main = aContainer(DB, { of: "other", whose: `the accessory orders of ${stack}`, stack });
  try {
    refuseClashes(DB, found({ main }));
  } catch (thrown) {
    return messageOf(thrown);
  }
  return "";
}

it("a container of another stack is named, with the way to take it over", () => {
  const said = refusal("blog/production");
  expect(said).toContain("the name shop-db-production is taken by a container that is not ours");
  expect(said).toContain("belongs to the accessory orders of blog/production");
  expect(said).toContain(
    'if this stack takes over what blog/production had, slipway:adopt: ["blog/production"]; else give db another name',
  );
});

it("one of this stack is nothing to adopt: this accessory needs a name of its own", () => {
  const said = refusal(DB.stack);
  expect(said).toContain(`belongs to the accessory orders of ${DB.stack}`);
  expect(said).toMatch(/next: give db another name/);
  expect(said).not.toContain("adopt");
});
