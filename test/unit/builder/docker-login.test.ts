import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loggedIn, withLogin } from "../../../builder/docker-login.ts";

const LOGIN = { server: "ghcr.io", username: "shop", password: "hush" };
const auth = Buffer.from("shop:hush").toString("base64");

it("adds a login to what the user has set, and asks no helper for that one", () => {
  const config = {
    auths: { "registry.example": { auth: "eDp5" } },
    credsStore: "desktop",
    credHelpers: { "gcr.io": "gcloud", "ghcr.io": "other" },
    currentContext: "colima",
    cliPluginsExtraDirs: ["/opt/plugins"],
  };
  expect(withLogin(config, LOGIN, "/home/me/.docker")).toEqual({
    ...config,
    auths: { "registry.example": { auth: "eDp5" }, "ghcr.io": { auth } },
    credHelpers: { "gcr.io": "gcloud", "ghcr.io": "" },
    cliPluginsExtraDirs: ["/opt/plugins", "/home/me/.docker/cli-plugins"],
  });
});

it("calls Docker Hub as Docker does", () => {
  const { auths } = withLogin({}, { ...LOGIN, server: "docker.io" }, "/x");
  expect(auths).toEqual({ "https://index.docker.io/v1/": { auth } });
});

it("takes a config that is damaged for an empty one", () => {
  expect(withLogin({ auths: "x", credHelpers: [], cliPluginsExtraDirs: 1 }, LOGIN, "/x").auths).toEqual({ "ghcr.io": { auth } });
});

it("writes it to a file for this user alone, and leaves that of the user", async () => {
  const home = await mkdtemp(join(tmpdir(), "slipway-home-"));
  try {
    await writeFile(join(home, "config.json"), '{"currentContext":"colima"}');
    const env = await loggedIn(LOGIN, { DOCKER_CONFIG: home }, join(home, "own"));
    expect(env).toEqual({ DOCKER_CONFIG: join(home, "own"), BUILDX_CONFIG: join(home, "buildx") });
    expect((await stat(join(home, "own", "config.json"))).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(join(home, "own", "config.json"), "utf8")).currentContext).toBe("colima");
    expect(await readFile(join(home, "config.json"), "utf8")).toBe('{"currentContext":"colima"}');
  } finally {
    await rm(home, { recursive: true });
  }
});
