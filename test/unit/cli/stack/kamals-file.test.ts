import { afterEach, expect, it, vi } from "vitest";
import { aliasesOf } from "../../../../cli/alias/read.ts";
import { accessTo } from "../../../../cli/stack/access.ts";
import { mayHaveSources, questionOf } from "../../../../cli/stack/secrets.ts";
import { declaredConfig, findProject } from "../../../../project/project.ts";
import { aProject } from "../../config/fixture.ts";

const DEPLOY = `service: shop
image: acme/shop
servers: { web: [203.0.113.10] }
registry: { server: ghcr.io, username: acme, password: [KAMAL_REGISTRY_PASSWORD] }
builder: { arch: amd64 }
ssh: { key_data: [DEPLOY_KEY] }
env: { secret: [API_KEY] }
aliases: { console: app exec --interactive "bin/rails console" }
`;
const FILES = {
  "Pulumi.yaml": "name: shop\nruntime: nodejs\n",
  "Pulumi.production.yaml": "config:\n  slipway:deploy_file: config/deploy.yml\n",
  "config/deploy.yml": DEPLOY,
  ".kamal/secrets": "API_KEY=k\nKAMAL_REGISTRY_PASSWORD=p\nDEPLOY_KEY=a private key\n",
};
const shown = async () => JSON.stringify({ "slipway:deploy_file": { value: "config/deploy.yml", secret: false } });

afterEach(() => vi.unstubAllEnvs());

it("secrets beside Kamal's file are asked for by the command that starts a run, not by the run alone", async () => {
  using app = aProject(FILES);
  expect(await mayHaveSources(app.root, "production")).toBe(true);
  const { question, service } = await questionOf(await findProject(app.root), "production", shown);
  expect(service).toBe("shop");
  expect(question.sources).toMatchObject([{ kind: "dotenv", files: [".kamal/secrets"] }]);
  expect(question.wanted.map(({ name }) => name).sort()).toEqual(["API_KEY", "DEPLOY_KEY", "KAMAL_REGISTRY_PASSWORD"]);
});

it("an SSH key that Kamal's file names is one of them", async () => {
  using app = aProject(FILES);
  const project = await findProject(app.root);
  const { keyData } = await accessTo(project, await declaredConfig(project, "production"), shown);
  expect(keyData).toEqual(["a private key"]);
});

it("its aliases are those of the stack", async () => {
  using app = aProject(FILES);
  vi.stubEnv("PULUMI_BACKEND_URL", `file://${app.root}/state`);
  vi.stubEnv("PULUMI_STACK", "production");
  expect([...(await aliasesOf(app.root)).keys()]).toEqual(["console"]);
});
