import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type JsonSchema, rootSchemas } from "../../../config/json-schema.ts";
import { REQUIRED } from "../../../config/root.ts";
import { generatedFiles } from "../../../tools/docs.ts";
import { SIGNED } from "../registry/signatures/signed.ts";
import { aProject, problems, type Section } from "./fixture.ts";

const fileOf = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const sectionsOf = (yaml: string): Section =>
  Object.fromEntries(Object.entries(parse(yaml).config as Section).map(([key, value]) => [key.replace("slipway:", ""), value]));

describe("the documentation", () => {
  it.each(Object.entries(generatedFiles()))("%s is up to date (else: node tools/docs.ts)", (path, content) => {
    expect(fileOf(path)).toBe(content);
  });

  it("documents the meaning of every key, with an example", () => {
    const bare: string[] = [];
    const visit = (schema: JsonSchema, path: string): void => {
      for (const branch of schema.anyOf ?? []) visit(branch, path);
      if (typeof schema.additionalProperties === "object") visit(schema.additionalProperties, `${path}.*`);
      for (const [key, inner] of Object.entries(schema.properties ?? {})) {
        if (!inner.description || inner.examples?.length !== 1) bare.push(`${path}.${key}`);
        visit(inner, `${path}.${key}`);
      }
    };
    visit({ properties: rootSchemas() }, "slipway");
    expect(bare).toEqual([]);
  });

  it.each(Object.entries(rootSchemas()).filter(([key]) => key !== "secrets"))(
    "shows an example of %s that works",
    (key, { examples }) => {
      const secrets = { DATABASE_URL: "x", POSTGRES_PASSWORD: "x", NOTIFY_SECRET: "x", REGISTRY_PASSWORD: "x" };
      const servers = key === "primary_role" ? { app: ["203.0.113.10"] } : ["203.0.113.10"];
      using project = aProject({ "public/503.html": "<p>{{ .Message }}</p>", "cosign.pub": SIGNED.keys.ci, "hooks/README": "" });
      // A builder makes the image.
      const image = key === "builder" ? { image: undefined } : {};
      expect(problems({ servers, secrets, ...image, [key]: examples?.[0] }, { root: project.root })).toEqual([]);
    },
  );
});

describe("stacks/Pulumi.example.yaml", () => {
  const example = fileOf("stacks/Pulumi.example.yaml");

  it("works unchanged", () => expect(problems(sectionsOf(example))).toEqual([]));

  it("shows in its comments only what works", () => {
    const everything = example
      .replaceAll(/^ {2}# (?=slipway:| {2})(.*)$/gm, "  $1")
      .replace("ssh-ed25519 AAAA…", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW")
      .replaceAll(/^ +pulumi config.*$/gm, "");
    const { registry, ...sections } = sectionsOf(everything);
    const shown = {
      ...sections,
      registry: { ...(registry as Section), password: ["PASSWORD"] },
      secrets: { DATABASE_URL: "x", PASSWORD: "x" },
    };
    expect(Object.keys(sections).length).toBeGreaterThan(5);
    expect(problems(shown)).toEqual([]);
  });

  it("asks for what is required and no more", () =>
    expect(Object.keys(sectionsOf(example)).sort()).toEqual(["image", "servers", ...REQUIRED].sort()));
});
