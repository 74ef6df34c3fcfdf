import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backendFor } from "../../../../../cli/engine/pulumi/backend.ts";

let root: string;
let printed: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "slipway-backend-"));
  await project("name: shop\nruntime: nodejs\n");
  vi.stubEnv("HOME", root);
  for (const name of ["PULUMI_BACKEND_URL", "PULUMI_ACCESS_TOKEN", "PULUMI_CREDENTIALS_PATH"]) vi.stubEnv(name, undefined);
  vi.stubEnv("PULUMI_HOME", join(root, ".pulumi"));
  printed = "";
  vi.spyOn(console, "error").mockImplementation((line: string) => {
    printed += `${line}\n`;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});

const project = (text: string): Promise<void> => writeFile(join(root, "Pulumi.yaml"), text);

async function login(current: string): Promise<void> {
  await mkdir(join(root, ".pulumi"), { recursive: true });
  await writeFile(join(root, ".pulumi", "credentials.json"), JSON.stringify({ current }));
}

const folder = (): string => join(root, ".pulumi", "state");
const local = () => ({ PULUMI_BACKEND_URL: pathToFileURL(folder()).href });

describe("the backend of a project", () => {
  it("is a folder of the project that only its owner reads and git ignores", async () => {
    expect(await backendFor(root)).toEqual(local());
    expect((await stat(folder())).mode & 0o777).toBe(0o700);
    expect(await readFile(join(root, ".pulumi", ".gitignore"), "utf8")).toBe("*\n");
  });

  it("is named as long as it has no stacks", async () => {
    await backendFor(root);
    await backendFor(root);
    expect(printed.match(/using \.pulumi\/state in this project/g)).toHaveLength(2);
    await mkdir(join(folder(), ".pulumi", "stacks"), { recursive: true });
    await backendFor(root);
    expect(printed.match(/using \.pulumi\/state in this project/g)).toHaveLength(2);
  });

  it("leaves a .gitignore of the user as it is", async () => {
    await mkdir(join(root, ".pulumi"));
    await writeFile(join(root, ".pulumi", ".gitignore"), "state\n");
    await backendFor(root);
    expect(await readFile(join(root, ".pulumi", ".gitignore"), "utf8")).toBe("state\n");
  });

  it.each<[string, () => unknown]>([
    ["the environment", () => vi.stubEnv("PULUMI_BACKEND_URL", "s3://state")],
    ["a token for Pulumi Cloud", () => vi.stubEnv("PULUMI_ACCESS_TOKEN", "pul-1")],
    ["a login", () => login("https://api.pulumi.com")],
    ["the project", () => project("name: shop\nbackend:\n  url: gs://state\n")],
  ])("is the one of %s, if there is one", async (_where, choose) => {
    await choose();
    expect(await backendFor(root)).toEqual({});
    expect(printed).toBe("");
  });

  it.each<[string, () => unknown]>([
    ["a logout", () => login("")],
    ["a project that says nothing of it but in a comment", () => project("name: shop # no backend\n")],
  ])("is the folder after %s", async (_what, change) => {
    await change();
    expect(await backendFor(root)).toEqual(local());
  });

  it("is left to Pulumi if the project's file cannot be read", async () => {
    await project("backend: [\n");
    expect(await backendFor(root)).toEqual({});
  });
});
