import { describe, expect, it } from "vitest";
import { answersTo, type Given } from "../../../../cli/init/answers.ts";
import { type App, readApp } from "../../../../cli/init/app/app.ts";
import type { Question } from "../../../../cli/terminal/questions.ts";
import { anApp } from "./fixture.ts";

const UNSURE = readApp(anApp({ "package.json": '{"dependencies":{"express":"5","pg":"8"}}' }), "shop");
const SURE = readApp(anApp({ Dockerfile: "FROM a\nEXPOSE 3000\n" }), "shop");
const NO_PORT = readApp(anApp({ Dockerfile: "FROM a\n" }), "shop");
const ALL: Given = {
  host: "deploy@203.0.113.10:2222",
  domain: "Shop.example.com",
  appPort: "8080",
  database: "redis",
  state: "s3://b",
};

/** A user who answers in this order. */
function userWho(...answers: string[]) {
  const asked: string[] = [];
  const ask = async <T>({ text, otherwise, read }: Question<T>): Promise<T> => {
    asked.push(text);
    const read_ = read(answers.shift() || otherwise || "");
    if ("wrong" in read_) throw new Error(read_.wrong);
    return read_.value;
  };
  return { asked, ask };
}

const without = (app: App, given: Given, takesDefaults: boolean, hasBackend = false) =>
  answersTo(app, given, hasBackend, takesDefaults, undefined);

describe("the answers of slipway init", () => {
  it("are at most five questions, and each has an option", async () => {
    const user = userWho("deploy@203.0.113.10", "", "4000", "none", "");
    expect(await answersTo(NO_PORT_WITH_DATABASE, {}, false, false, user.ask)).toEqual({
      server: { address: "203.0.113.10", port: 22, user: "deploy" },
      domain: undefined,
      port: 4000,
      databases: [],
      state: { kind: "folder" },
    });
    expect(user.asked).toHaveLength(5);
    const none = userWho();
    expect(await answersTo(NO_PORT_WITH_DATABASE, ALL, false, false, none.ask)).toEqual({
      server: { address: "203.0.113.10", port: 2222, user: "deploy" },
      domain: "shop.example.com",
      port: 8080,
      databases: ["redis"],
      state: { kind: "url", url: "s3://b" },
    });
    expect(none.asked).toEqual([]);
  });

  it("ask for nothing that a file says or that is configured", async () => {
    const user = userWho("203.0.113.10", "none");
    expect(await answersTo(SURE, {}, true, false, user.ask)).toMatchObject({ port: 3000, databases: [], state: undefined });
    expect(user.asked).toEqual(["server, as [user@]address", "domain of the app, or none"]);
  });

  it("take the defaults with --yes, which needs a server, and a port if nothing says one", async () => {
    expect(await without(UNSURE, { host: "203.0.113.10" }, true)).toMatchObject({
      port: 3000,
      databases: ["postgres"],
      domain: undefined,
    });
    await expect(without(NO_PORT, {}, true)).rejects.toThrow(
      /needs 2 answers[\s\S]*--host \[USER@\]ADDRESS {3}[\s\S]*--app-port PORT {3}/,
    );
    await expect(without(UNSURE, {}, true)).rejects.toThrow("run it again with --host [USER@]ADDRESS as well");
  });

  it("are all listed with their options where they cannot be asked for", async () => {
    const refused = without(UNSURE, {}, false);
    for (const option of ["--host", "--domain", "--app-port", "--database", "--state"])
      await expect(refused).rejects.toThrow(option);
    expect(await without(UNSURE, ALL, false)).toMatchObject({ port: 8080 });
  });

  it("are refused all at once where options cannot be used", async () => {
    const wrong = { host: "a b", domain: "x", appPort: "99999", database: "oracle", state: "bucket" };
    const refused = without(UNSURE, wrong, true);
    await expect(refused).rejects.toThrow("5 options of slipway init cannot be used");
    for (const part of [
      "--host: an address",
      "--domain: a host name",
      "--app-port: a port",
      "--database: oracle",
      "--state: folder",
    ])
      await expect(refused).rejects.toThrow(part);
  });
});

const NO_PORT_WITH_DATABASE: App = { ...NO_PORT, databases: [{ value: "postgres", from: "pg in package.json" }] };
