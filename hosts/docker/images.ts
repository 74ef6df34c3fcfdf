import { Readable } from "node:stream";
import type { Deadline } from "../../core/deadline.ts";
import { loginFor, parseReference, pinned, repositoryName } from "../../core/image-reference.ts";
import type { Bytes, Milliseconds, Seconds } from "../../core/words.ts";
import { Distribution, Image, ImageSummary, Spare } from "./answers.ts";
import { type LabelFilter, labelFilter } from "./labels.ts";
import { DockerRefusal } from "./refusal.ts";
import { dial, dialStream, lookUp, type Removal, removal } from "./request.ts";
import { followLoad, followPull, renewing } from "./streams.ts";
import type { DockerTransport } from "./transport.ts";
import { isDenied, severalTries } from "./tries.ts";

/** Credentials for a registry. They are sent in a header, and only with the request that needs them. */
export interface RegistryAuth {
  /** `registry.example.com`; empty or `docker.io` is Docker Hub. */
  readonly server: string;
  readonly username: string;
  readonly password: string;
}

export interface PullProgress {
  readonly current: Bytes;
  readonly total: Bytes;
}

export interface PullOptions {
  /** Default: none. A pull without progress ends in any case. */
  readonly deadline?: Deadline;
  /** Called with the bytes to download, of the layers known so far. */
  readonly progress?: (progress: PullProgress) => void;
  /** Called when the registry is busy, with the time until it is asked again. */
  readonly waiting?: (wait: Milliseconds) => void;
}

export async function inspectImage(transport: DockerTransport, ref: string): Promise<Image | undefined> {
  const found = await lookUp(transport, "inspect image", (docker) => docker.getImage(ref).inspect());
  return found === undefined ? undefined : Image.parse(found);
}

export async function listImages(transport: DockerTransport, labels: LabelFilter): Promise<ImageSummary[]> {
  const filters = JSON.stringify({ label: labelFilter(labels) });
  return ImageSummary.array().parse(await transport.read("list images", (docker) => docker.listImages({ filters })));
}

/** Docker adds up the sizes of all layers. */
const ADDING_UP: Seconds = 10;

export async function spareDisk(transport: DockerTransport): Promise<Spare> {
  // Without a type Docker also counts all files of all volumes.
  const request = {
    path: "/system/df?type=image&",
    method: "GET",
    options: { type: "build-cache" },
    statusCodes: { 200: true },
  };
  return Spare.parse(
    await transport.read("count images", (docker) => dial(docker, request), { pace: "stream", extra: ADDING_UP }),
  );
}

/** Docker deletes the files of the layers before it answers. */
const DELETING: Seconds = 90;

export const removeImage = (transport: DockerTransport, id: string): Promise<Removal> =>
  removal(transport, "remove image", (docker) => docker.getImage(id).remove(), { extra: DELETING });

export async function tagImage(transport: DockerTransport, ref: string, name: string): Promise<void> {
  const reference = parseReference(name);
  const to = { repo: repositoryName(reference), tag: reference.tag ?? "latest" };
  await transport.change("tag image", (docker) => docker.getImage(ref).tag(to));
}

/** Docker answers after its registry, which it asks two or three times. */
const REGISTRY: Seconds = 30;

/** @param auth of any registry: that of another one than the image's is not sent */
export async function inspectDistribution(
  transport: Pick<DockerTransport, "request">,
  ref: string,
  auth: RegistryAuth | undefined,
): Promise<Distribution | undefined> {
  const path = `/distribution/${ref}/json`;
  const request = { path, method: "GET", statusCodes: { 200: true }, authconfig: credentialsFor(ref, auth) };
  try {
    const ask = () => transport.request("distribution", (docker) => dial(docker, request), { pace: "stream", extra: REGISTRY });
    return Distribution.parse(await severalTries(ask));
  } catch (error) {
    if (error instanceof DockerRefusal && isNotInRegistry(error)) return undefined;
    throw error;
  }
}

/** Engines differ in status and message for an image that the registry does not have. */
const isNotInRegistry = ({ statusCode, message }: DockerRefusal): boolean =>
  statusCode === 404 || /manifest unknown|not found|name unknown|no such image/i.test(message);

/** Docker reports each step of a pull; while it checks or unpacks a large layer it is silent for a while. */
const PROGRESS: Seconds = 270;

/**
 * Lasts as long as it makes progress. What a busy registry refuses is tried again. So is, once, what it refuses after it has accepted the
 * login: then the token that Docker got for it has expired during the pull. A login that is refused from the beginning is refused at once.
 *
 * @param auth of any registry: that of another one than the image's is not sent
 */
export async function pullImage(
  transport: Pick<DockerTransport, "change">,
  ref: string,
  auth: RegistryAuth | undefined,
  { deadline, progress = () => {}, waiting = () => {} }: PullOptions,
): Promise<void> {
  const abort = new AbortController();
  let isAdmitted = false;
  const note = (sum: PullProgress) => {
    isAdmitted ||= sum.current > 0;
    progress(sum);
  };
  const request = {
    path: "/images/create?",
    method: "POST",
    options: { _query: { fromImage: pullReference(ref) }, _body: {} },
    statusCodes: { 200: true },
    abortSignal: abort.signal,
    authconfig: credentialsFor(ref, auth),
  };
  const pull = () =>
    transport.change("pull", async (docker, { renew }) => followPull(renewing(await dialStream(docker, request), renew), note), {
      pace: "stream",
      extra: PROGRESS,
    });
  const pullAgain = (thrown: unknown) => {
    if (!isAdmitted || !isDenied(thrown)) throw thrown;
    return pull();
  };
  const pulled = severalTries(() => pull().catch(pullAgain), { signal: abort.signal, waiting });
  if (deadline === undefined) return pulled;
  const given = deadline.remaining;
  await deadline.race(pulled, () => {
    const late = new Error(`${ref} was not pulled within ${Math.round(given / 1000)} s`);
    pulled.catch(() => {});
    abort.abort(late);
    return late;
  });
}

/** Docker unpacks a layer without a word. */
const UNPACKING: Seconds = 270;

/**
 * Loads the images of an archive. Lasts as long as it is read, or Docker reports progress. Where Docker fails after it has answered, it
 * says so in a line of its report, sometimes in one that is no error.
 *
 * @param archive called for each try: what was sent cannot be sent again
 */
export async function loadImages(
  transport: Pick<DockerTransport, "change">,
  archive: () => AsyncIterable<Buffer>,
): Promise<void> {
  await transport.change(
    "load",
    async (docker, { renew }) => {
      const abort = new AbortController();
      const file = Readable.from(renewing(archive(), renew), { objectMode: false });
      // Docker would wait for the rest of it.
      file.once("error", (error) => abort.abort(error));
      const request = { path: "/images/load?", method: "POST", file, statusCodes: { 200: true }, abortSignal: abort.signal };
      try {
        await followLoad(renewing(await dialStream(docker, request), renew));
      } catch (thrown) {
        throw abort.signal.aborted ? abort.signal.reason : thrown;
      }
    },
    { pace: "stream", extra: UNPACKING },
  );
}

/** With a digest the tag is dropped. A bare name would pull every tag of the repository, so it gets `latest`. */
export function pullReference(ref: string): string {
  const reference = parseReference(ref);
  if (reference.digest !== undefined) return pinned(reference, reference.digest);
  return `${repositoryName(reference)}:${reference.tag ?? "latest"}`;
}

export async function login(transport: DockerTransport, auth: RegistryAuth): Promise<void> {
  const ask = () =>
    transport.request("login", (docker) => docker.checkAuth(credentials(auth)), { pace: "stream", extra: REGISTRY });
  await severalTries(ask);
}

const DOCKER_HUB = "https://index.docker.io/v1/";

/** The one place where a login of the config meets an image on its way to Docker. */
function credentialsFor(ref: string, auth: RegistryAuth | undefined) {
  const login = loginFor(ref, auth);
  return login && credentials(login);
}

const credentials = ({ server, username, password }: RegistryAuth) => ({
  username,
  password,
  serveraddress: /^(?:|(?:https?:\/\/)?(?:index\.)?docker\.io(?:\/v1)?\/?)$/.test(server) ? DOCKER_HUB : server,
});
