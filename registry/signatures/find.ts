import { z } from "zod";
import { parseJson } from "../../core/text.ts";
import { together } from "../../core/together.ts";
import { failed, unusable } from "../faults.ts";
import { bytesOf, type Repository } from "../repository.ts";
import { digestOf } from "../store/oci.ts";
import { BUNDLE, fromBundle, SIGNED } from "./bundle.ts";
import type { FoundSignature } from "./found.ts";
import { fromAnnotations, SIMPLE_SIGNING } from "./simple-signing.ts";

/** Each costs two requests. A user who may write to the repository could add any number. */
const MOST = 50;

const annotations = z.record(z.string(), z.string()).optional();
const Descriptor = z.object({ digest: z.string(), artifactType: z.string().optional(), annotations });
const Referrers = z.object({ manifests: z.array(Descriptor) });
const Layered = z.object({
  layers: z.array(z.object({ mediaType: z.string(), digest: z.string(), annotations })),
  annotations,
});

/**
 * The signatures that a registry keeps for a digest: in the manifests that refer to it, which cosign 3 writes, and under the tag
 * `sha256-….sig`, which cosign 2 writes. What they are worth is not judged here.
 *
 * @param image for errors
 */
export async function findSignatures(repository: Repository, image: string, digest: string): Promise<FoundSignature[]> {
  const tag = digest.replace(":", "-");
  const [listed, tagged, old] = await Promise.all([
    optional(repository, image, `referrers/${digest}`),
    // Where the registry lists no referrers, this tag does. cosign also used it before the registry could.
    optional(repository, image, `manifests/${tag}`),
    optional(repository, image, `manifests/${tag}.sig`),
  ]);
  const bundles = [
    ...new Map([listed, tagged].flatMap((answer) => referrersIn(answer)).map((one) => [one.digest, one])).values(),
  ];
  const layers =
    Layered.safeParse(parseJson(old ?? "")).data?.layers.filter(({ mediaType }) => mediaType === SIMPLE_SIGNING) ?? [];
  if (bundles.length + layers.length > MOST) throw unusable(image, `more than ${MOST} signatures refer to it`);
  const found = await Promise.all([
    together(bundles, async ({ digest: at }) => fromManifest(repository, image, at)),
    together(layers, async (layer) => [
      fromAnnotations(layer.digest, await contentOf(repository, image, `blobs/${layer.digest}`), layer.annotations ?? {}),
    ]),
  ]);
  return found.flat(2);
}

/** cosign's own list calls a bundle what its config is, and names no type of what is signed. */
const MAY_BE_BUNDLE = new Set([undefined, "application/vnd.oci.empty.v1+json"]);

const referrersIn = (answer: string | undefined) =>
  (Referrers.safeParse(parseJson(answer ?? "")).data?.manifests ?? []).filter(
    ({ artifactType, annotations: said }) =>
      (MAY_BE_BUNDLE.has(artifactType) || BUNDLE.test(artifactType ?? "")) && isSignature(said),
  );

/** The annotation spares a request; whether it is true is seen in what is signed. */
const isSignature = (said: Readonly<Record<string, string>> | undefined): boolean =>
  (said?.["dev.sigstore.bundle.predicateType"] ?? SIGNED) === SIGNED;

async function fromManifest(repository: Repository, image: string, at: string): Promise<FoundSignature[]> {
  const manifest = Layered.safeParse(parseJson((await contentOf(repository, image, `manifests/${at}`)).toString("utf8"))).data;
  const layer = manifest?.layers.find(({ mediaType }) => BUNDLE.test(mediaType));
  if (layer === undefined || !isSignature(manifest?.annotations)) return [];
  const content = await contentOf(repository, image, `blobs/${layer.digest}`);
  return [fromBundle(at, content.toString("utf8")) ?? []].flat();
}

/** What a path of the repository has, and is what its digest says. */
async function contentOf(repository: Repository, image: string, path: string): Promise<Buffer> {
  const answer = await repository.ask(path);
  if (!answer.ok) throw failed(image, answer);
  const content = await bytesOf(answer, image);
  if (!path.endsWith(`/${digestOf(content)}`)) throw unusable(image, `the registry has something else under ${path}`);
  return content;
}

/** What registries answer that know neither the path nor the tag. */
const ABSENT = new Set([400, 404, 405, 406, 501]);

async function optional(repository: Repository, image: string, path: string): Promise<string | undefined> {
  const answer = await repository.ask(path);
  if (answer.ok) return (await bytesOf(answer, image)).toString("utf8");
  if (!ABSENT.has(answer.status)) throw failed(image, answer);
  await answer.body?.cancel();
  return undefined;
}
