import { describe, expect, it } from "vitest";
import { problems, read, type Section } from "../fixture.ts";

const BLOCK = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n";
const role = (changes: Section, name = "web") => read(changes).roles.find((one) => one.name === name);

describe("env", () => {
  const secrets = { TOKEN: "t0ken", OTHER: "0ther" };

  it("makes text of numbers and booleans", () =>
    expect(role({ env: { A: 1, B: true, C: "" } })?.env.clear).toEqual({ A: "1", B: "true", C: "" }));

  it("refers to secrets by name, under another name if wanted", () => {
    expect(role({ env: { secret: ["TOKEN", "API:OTHER"] }, secrets })?.env).toEqual({
      clear: {},
      secret: { TOKEN: "TOKEN", API: "OTHER" },
    });
  });

  it("lets a role add to it, replace a value, and change its kind", () => {
    const servers = { web: { hosts: ["a.example.com"], env: { clear: { A: "role", TOKEN: "off" }, secret: ["B:OTHER"] } } };
    expect(role({ servers, env: { clear: { A: "root", B: "root", C: "root" }, secret: ["TOKEN"] }, secrets })?.env).toEqual({
      clear: { A: "role", C: "root", TOKEN: "off" },
      secret: { B: "OTHER" },
    });
  });

  it("takes all of it as secret when it is encrypted as a whole", () => {
    const { roles, secrets: all } = read({ env: { A: "hush" } }, { sealed: ["env"] });
    expect(roles[0]?.env).toEqual({ clear: {}, secret: { A: "env.A" } });
    expect(all).toEqual({ "env.A": "hush" });
  });

  it("takes a secret of several lines that ends with a line break", () => {
    expect(problems({ env: { secret: ["KEY"] }, secrets: { KEY: BLOCK } })).toEqual([]);
  });
});
