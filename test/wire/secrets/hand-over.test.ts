import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { type Answers, NO_ANSWERS, type Question } from "../../../config/index.ts";
import { offer, SOCKET_VARIABLE } from "../../../secrets/hand-over.ts";
import { answersTo } from "../../../secrets/once.ts";
import { parsePlaces } from "./places.ts";
import { Machine, prints, valuesOf } from "./tools.ts";

const answers: Answers = {
  ...NO_ANSWERS,
  values: { A: { value: "from the command\n\"'", source: 0 }, B: { value: "b", source: 0 } },
};
let questions = 0;
/** A new one each time: a process asks each question once. */
const question = (...names: string[]): Question => ({
  sources: parsePlaces([{ command: ["store", String(questions++)] }]),
  wanted: names.map((name) => ({ name, decides: true })),
});

describe("answers that a command has", () => {
  it("are those of the processes that it starts, which ask nothing", async () => {
    using machine = new Machine();
    const asked = question("A", "B");
    await using offered = await offer(asked, Promise.resolve(answers));
    machine.env = offered?.env ?? {};
    expect(await answersTo({ ...asked, wanted: [{ name: "A", decides: false }] }, machine.asking)).toEqual(answers);
  });

  it("are waited for", async () => {
    using machine = new Machine();
    const asked = question("A");
    let give: (given: Answers) => void = () => {};
    await using offered = await offer(asked, new Promise((resolve) => (give = resolve)));
    machine.env = offered?.env ?? {};
    const given = answersTo(asked, machine.asking);
    setTimeout(() => give(answers), 100);
    expect(await given).toEqual(answers);
  });

  it.each(["other sources", "a further name"])("are not taken for %s", async (difference) => {
    using machine = new Machine().program("store", prints({ A: "asked", C: "asked" }));
    const [one, other] = [question("A"), question("A")];
    await using offered = await offer(one, Promise.resolve(answers));
    machine.env = offered?.env ?? {};
    const own = difference === "other sources" ? other : { ...one, wanted: [...one.wanted, { name: "C", decides: true }] };
    expect(valuesOf(await answersTo(own, machine.asking)).A).toBe("asked");
  });

  it("are for this user alone, in no file, and end with the command", async () => {
    using machine = new Machine().program("store", prints({ A: "asked" }));
    const asked = question("A");
    const offered = await offer(asked, Promise.resolve(answers));
    const path = offered?.env[SOCKET_VARIABLE] ?? "";
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    expect(statSync(path).isSocket()).toBe(true);
    await offered?.[Symbol.asyncDispose]();
    expect(existsSync(dirname(path))).toBe(false);
    machine.env = { [SOCKET_VARIABLE]: path };
    expect(valuesOf(await answersTo(asked, machine.asking))).toEqual({ A: "asked" });
  });

  it("are nothing if the command failed to ask", async () => {
    using machine = new Machine().program("store", prints({ A: "asked" }));
    const asked = question("A");
    await using offered = await offer(asked, Promise.reject(new Error("failed")));
    machine.env = offered?.env ?? {};
    expect(valuesOf(await answersTo(asked, machine.asking))).toEqual({ A: "asked" });
  });
});

describe("a question", () => {
  it("is asked once by a process, and one for fewer names is not asked again", async () => {
    using machine = new Machine().program("store", prints({ A: "1", B: "2" }));
    const asked = question("A", "B");
    const all = await Promise.all([
      answersTo(asked, machine.asking),
      answersTo({ ...asked, wanted: asked.wanted.slice(1) }, machine.asking),
    ]);
    expect(all.map(valuesOf)).toEqual([
      { A: "1", B: "2" },
      { A: "1", B: "2" },
    ]);
    expect(machine.calls).toHaveLength(1);
  });
});
