import { describe, expect, it } from "vitest";
import { Deadline } from "../../../../core/deadline.ts";
import { messageOf } from "../../../../core/error.ts";
import type { Expected, Trust } from "../../../../core/trust.ts";
import { verifyImage } from "../../../../registry/signatures/verify-image.ts";
import { MemoryRegistry } from "./memory-registry.ts";
import { FORMS, KEYLESS, keys, SIGNED } from "./signed.ts";

const ISSUER = "https://token.actions.githubusercontent.com";
const WORKFLOW = "https://github.com/acme/shop/.github/workflows/release.yml@refs/heads/main";
const THEIRS = "https://github.com/stranger/shop/.github/workflows/release.yml@refs/heads/main";

const exact = (text: string): Expected => ({ kind: "exact", text });
const like = (pattern: string): Expected => ({ kind: "pattern", pattern });
const by = (identity: Expected, issuer: Expected = exact(ISSUER), root: unknown = KEYLESS.root): Trust => ({
  by: "identity",
  identity,
  issuer,
  root: { name: "trusted_root.json", json: JSON.stringify(root) },
});

describe.each(FORMS)("a signature by an identity, as a %s", (form) => {
  const { repository, image, moved } = SIGNED.repositories[form];

  /** Who has signed, or why it is refused. */
  async function outcomeOf(digest: string, trust: Trust): Promise<string> {
    await using registry = await MemoryRegistry.start();
    registry.fill(repository, KEYLESS[form]);
    return await verifyImage(`${registry.server}/${repository}`, digest, trust, undefined, Deadline.in(5)).then(
      ({ signed }) => signed,
      messageOf,
    );
  }

  it.each([
    ["exactly", by(exact(WORKFLOW))],
    ["by regular expressions", by(like("^https://github\\.com/acme/"), like("githubusercontent\\.com$"))],
  ])("is trusted if identity and issuer are the expected ones, %s", async (_how, trust) => {
    expect(await outcomeOf(image.index, trust)).toBe(`by ${WORKFLOW}, whose identity is issued by ${ISSUER}`);
  });

  it.each([
    ["another identity", by(exact("https://github.com/acme/shop/.github/workflows/test.yml@refs/heads/main"))],
    ["a part of the identity", by(exact("https://github.com/acme/shop"))],
    ["another issuer", by(exact(WORKFLOW), exact("https://gitlab.com"))],
    ["another pattern", by(like("^https://gitlab\\.com/"))],
  ])("is refused if %s is expected; who signed is in the error", async (_what, trust) => {
    expect(await outcomeOf(image.index, trust)).toContain(`which is by ${WORKFLOW}, whose identity is issued by ${ISSUER}\n`);
  });

  it("is refused if a stranger has signed, with the same workflow in another repository", async () => {
    expect(await outcomeOf(moved.index, by(exact(WORKFLOW)))).toContain(`which is by ${THEIRS}`);
    expect(await outcomeOf(moved.index, by(exact(THEIRS)))).toBe(`by ${THEIRS}, whose identity is issued by ${ISSUER}`);
  });

  it("is refused if the certificate is of an authority that is not in the trusted root", async () => {
    expect(await outcomeOf(image.manifests[0], by(exact(WORKFLOW)))).toContain("which does not hold: ");
  });

  it.each([["tlogs"], ["ctlogs"], ["certificateAuthorities"]])("is refused without the %s that made it", async (part) => {
    const root = { ...(KEYLESS.root as object), [part]: [] };
    expect(await outcomeOf(image.index, by(exact(WORKFLOW), exact(ISSUER), root))).toContain("which does not hold: ");
  });

  it("is refused where a key is expected", async () => {
    expect(await outcomeOf(image.index, keys("ci"))).toContain(`which is without a key, by ${WORKFLOW}`);
  });
});

it("is refused if no log has recorded it", async () => {
  const { repository, image } = SIGNED.repositories.tag;
  await using registry = await MemoryRegistry.start();
  const tag = `${image.index.replace(":", "-")}.sig`;
  const { text, type } = KEYLESS.tag.manifests[KEYLESS.tag.tags[tag] ?? ""] ?? { text: "", type: "" };
  registry.fill(repository, KEYLESS.tag);
  registry.add(repository, JSON.parse(text.replace("dev.sigstore.cosign/bundle", "lost")), type, tag);
  const verified = verifyImage(`${registry.server}/${repository}`, image.index, by(exact(WORKFLOW)), undefined);
  await expect(verified).rejects.toThrow("which does not hold: expected 1 timestamps, got 0");
});
