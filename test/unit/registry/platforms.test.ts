import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Deadline } from "../../../core/deadline.ts";
import { SlipwayError } from "../../../core/error.ts";
import { parseReference } from "../../../core/image-reference.ts";
import type { Registry } from "../../../core/registry.ts";
import { resolvePlatforms } from "../../../registry/index.ts";

const CONFIG = `sha256:${"c0f1".repeat(16)}`;
/** A login to the registry of an image. */
const ann = (image: string): Registry => ({
  server: parseReference(image).registry,
  username: "ann",
  password: "canary-p4ssword",
});
const BASIC = `Basic ${Buffer.from("ann:canary-p4ssword").toString("base64")}`;

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A registry on loopback with these answers by path. It requires Ann's login if `closed`. */
async function aRegistry(answers: Readonly<Record<string, string>>, { closed = false } = {}) {
  const asked: string[] = [];
  const http = createServer(({ method, url = "", headers }, response) => {
    asked.push(`${method} ${url}`);
    if (closed && headers.authorization !== BASIC) return response.writeHead(401, { "www-authenticate": "Basic" }).end();
    const answer = answers[url.replace("/v2/acme/shop/", "")];
    return answer === undefined ? response.writeHead(404).end() : response.writeHead(200).end(answer);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  closing.push(() => http.close());
  return { image: `127.0.0.1:${(http.address() as AddressInfo).port}/acme/shop:1.4.2`, asked };
}

const ask = (image: string, credentials?: Registry) => resolvePlatforms(image, credentials, Deadline.in(2));
const refusal = (image: string, credentials?: Registry): Promise<string> =>
  ask(image, credentials).then(
    (platforms) => `was answered: ${JSON.stringify(platforms)}`,
    (thrown: unknown) => (thrown instanceof SlipwayError ? thrown.message : `no SlipwayError: ${thrown}`),
  );

const built = (architecture: string, os = "linux") => ({ platform: { os, architecture } });
const INDEX = JSON.stringify({ manifests: [built("amd64"), built("arm64"), built("unknown", "unknown"), { digest: CONFIG }] });
const SINGLE = { "manifests/1.4.2": JSON.stringify({ config: { digest: CONFIG }, layers: [] }) };

describe("the platforms of an image", () => {
  it("are in the list of a multi-platform image, without its attestations", async () => {
    const { image, asked } = await aRegistry({ "manifests/1.4.2": INDEX });
    expect(await ask(image)).toEqual([
      { os: "linux", arch: "amd64" },
      { os: "linux", arch: "arm64" },
    ]);
    expect(asked).toEqual(["GET /v2/acme/shop/manifests/1.4.2"]);
  });

  it("are in the config of a single-platform image, behind the same login", async () => {
    const config = JSON.stringify({ os: "linux", architecture: "arm64", rootfs: {} });
    const { image, asked } = await aRegistry({ ...SINGLE, [`blobs/${CONFIG}`]: config }, { closed: true });
    expect(await ask(image, ann(image))).toEqual([{ os: "linux", arch: "arm64" }]);
    expect(asked.at(-1)).toBe(`GET /v2/acme/shop/blobs/${CONFIG}`);
  });

  it("are requested by digest if the reference has one", async () => {
    const { image, asked } = await aRegistry({ [`manifests/${CONFIG}`]: INDEX });
    expect(await ask(`${image}@${CONFIG}`)).toHaveLength(2);
    expect(asked).toEqual([`GET /v2/acme/shop/manifests/${CONFIG}`]);
  });

  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ["no image", {}, /^the image .* is missing in the registry /],
    ["no config", SINGLE, /^could not read the platforms of .*\n {2}\| the registry answered 404 for the image's config\n/],
    ["an unknown kind of manifest", { "manifests/1.4.2": "<html>" }, /not a known manifest\n/],
    ["an empty config", { ...SINGLE, [`blobs/${CONFIG}`]: "{}" }, /not a known manifest\n/],
  ])("cannot be read with %s, which is reported", async (_what, answers, story) => {
    const { image } = await aRegistry(answers);
    expect(await refusal(image)).toMatch(story);
  });

  it("cannot be read if the registry refuses the login, which is not printed", async () => {
    const { image } = await aRegistry({ "manifests/1.4.2": INDEX }, { closed: true });
    const message = await refusal(image, { ...ann(image), password: "wrong-p4ssword" });
    expect(message).toMatch(/refused user ann for acme\/shop \(401\)\n/);
    expect(message).not.toContain("p4ssword");
  });
});
