import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { nameFrom } from "../../project/new/files.ts";
import { ownVersions } from "../../project/new/versions.ts";
import { writeNew } from "../../project/new/write.ts";
import { planAccessory } from "../add/accessory.ts";
import { pinHostKey } from "../add/host-key.ts";
import { StackText } from "../add/stack-text.ts";
import { preparePulumi } from "../engine/pulumi/prepare.ts";
import { importKamal } from "../import/run.ts";
import { newPassphrase, PASSPHRASE_FILE, passphraseFor } from "../stack/passphrase.ts";
import { replaceFile } from "../stack/replace-file.ts";
import { ask } from "../terminal/ask.ts";
import type { Questions } from "../terminal/questions.ts";
import { type Answers, answersTo, type Given } from "./answers.ts";
import { type App, readApp } from "./app/app.ts";
import { appFilesIn } from "./app/files.ts";
import { backendOf, configuredBackend, makeState, requireUsed } from "./backend.ts";
import { type Ci, ciFiles } from "./ci/ci.ts";
import { stateOf } from "./ci/pipeline.ts";
import { createStack, writeStackFile } from "./create-stack.ts";
import { imageFor } from "./dockerfile.ts";
import { existingIn } from "./existing.ts";
import { nextCommands } from "./next.ts";
import { type Place, placeIn } from "./place.ts";
import { type PlannedFile, plannedFiles, sorted } from "./plan.ts";
import type { InitReport } from "./report.ts";
import { findingsOf, notesOf } from "./says.ts";
import { FIRST_HOST, type NewStack, stackText } from "./stack-file.ts";

export interface InitRequest {
  /** The current folder. */
  readonly folder: string;
  /** The project's folder, from there. */
  readonly in: string | undefined;
  readonly stack: string;
  readonly name: string | undefined;
  /** An image that exists, by its tag, or the repository for what is built. */
  readonly image: string | undefined;
  readonly given: Given;
  readonly acceptedKey: string | undefined;
  readonly ci: Ci;
  readonly typescript: boolean;
  /** Whether a Dockerfile that is missing is written. */
  readonly dockerfile: boolean;
  /** What npm is asked for instead of the published version. */
  readonly package: string | undefined;
  /** `--yes` */
  readonly takesDefaults: boolean;
  /** Whether a user can answer questions. */
  readonly isAtTerminal: boolean;
}

/** Writes a project for an app. Overwrites no file, and changes no host: it only looks at the key that the server shows. */
export async function init(request: InitRequest): Promise<InitReport> {
  const { folder, stack } = request;
  const place = placeIn(folder, request.in);
  const existing = existingIn(place.project, stack);
  if (existing.kind === "foreign") throw foreign(relative(folder, join(place.project, existing.file)));
  const files = appFilesIn(place.app);
  if (existing.kind === "complete") return present(request, place, existing);
  if (existing.kind === "nothing" && files.read("config/deploy.yml") !== undefined) return imported(place);

  const app = readApp(files, basename(realpathSync(place.app)));
  const configured = await configuredBackend(place.project);
  const isAsked = request.isAtTerminal && !request.takesDefaults;
  const answers = await askedIn(isAsked, (ask) =>
    answersTo(app, request.given, configured !== undefined, request.takesDefaults, ask),
  );
  requireUsed(answers.state, configured, place.project);
  const backend = await backendOf(answers.state, configured, place.project);
  const isBuilt = request.image === undefined || !hasTag(request.image);
  const image = isBuilt && app.dockerfile === undefined && request.dockerfile ? imageFor(app, files) : undefined;
  if (isBuilt && app.dockerfile === undefined && image === undefined) throw noImage(place);
  const service = nameFrom(request.name ?? app.name);
  const passphrase =
    backend.hasPassphrase && process.env.PULUMI_CONFIG_PASSPHRASE === undefined && !process.env.PULUMI_CONFIG_PASSPHRASE_FILE
      ? newPassphrase()
      : undefined;
  const planned = plannedFiles({
    place,
    service,
    backend: backend.isNamed ? backend.url : undefined,
    passphrase,
    typescript: request.typescript,
    image,
    ci: pipelineIn(place, request, backend.url),
    versions: { ...ownVersions(), ...(request.package === undefined ? {} : { slipway: request.package }) },
    read,
  });
  const { written, kept, conflicts } = sorted(planned, read);
  if (conflicts.length > 0) throw inTheWay(conflicts, folder);
  const pin = await pinHostKey(
    { name: FIRST_HOST, ...answers.server },
    {
      accepted: request.acceptedKey,
      confirm: isAsked ? ask : undefined,
      option: "--accept-host-key",
    },
  );
  const wanted: NewStack = newStack(app, answers, request, {
    service,
    place,
    isBuilt,
    pin: { hostKey: pin.key, fingerprint: pin.fingerprint },
  });
  requireSound(wanted, stack, place);
  // Before anything is written: without Pulumi there is no stack.
  await preparePulumi(undefined, request.takesDefaults ? async () => true : undefined);
  process.env.PULUMI_BACKEND_URL = backend.url;
  for (const file of written) await write(file);
  makeState(backend, place.project);
  Object.assign(process.env, passphraseFor(place.project));
  await createStack(stack, place.project);
  const additions = answers.databases.map((preset) => (text: string) => {
    const developed = app.databases.find(({ value }) => value === preset)?.image;
    return planAccessory({ preset, image: developed }, new StackText(text, stack, place.project));
  });
  await writeStackFile(stack, place.project, (keys) => stackText(wanted, keys), additions);

  const manifest = join(place.project, "package.json");
  const shown = (path: string) => relative(folder, path);
  const at = shown(place.project) || ".";
  return {
    kind: "written",
    service,
    stack,
    folder: at,
    written: [...written.map(({ path }) => shown(path)), shown(join(place.project, `Pulumi.${stack}.yaml`))],
    kept: kept.map(({ path }) => shown(path)),
    server: {
      address: answers.server.address,
      user: answers.server.user,
      fingerprint: pin.fingerprint,
      trustedBy: TRUSTED[pin.by],
    },
    found: findingsOf(wanted, answers, app),
    notes: [
      ...notesOf({ app, wanted, image: image !== undefined, ...(pin.noLogin === undefined ? {} : { noLogin: pin.noLogin }) }),
      ...(request.ci === "none" ? [] : [`the jobs of CI need a key for the servers, and secrets: ${CI_PAGE}`]),
    ],
    state: backend.url.startsWith("file:") ? shown(join(place.project, ".pulumi/state")) : backend.url,
    passphrase:
      backend.hasPassphrase && existsSync(join(place.project, PASSPHRASE_FILE))
        ? shown(join(place.project, PASSPHRASE_FILE))
        : null,
    next: nextCommands({
      folder: at,
      manifest: kept.some(({ path }) => path === manifest) ? read(manifest) : undefined,
      needsPassword: request.image !== undefined && isBuilt,
      ci: request.ci,
      versions: ownVersions(),
    }),
  };
}

const CI_PAGE = "docs/workflows.md";
const TRUSTED = { "the option": "as the option says", known_hosts: "as known_hosts has it", "the user": "confirmed" } as const;

const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, "utf8") : undefined);

/** With questions on the terminal, or without. */
async function askedIn<T>(isAsked: boolean, answers: (ask: Questions["ask"] | undefined) => Promise<T>): Promise<T> {
  if (!isAsked) return answers(undefined);
  const { Questions } = await import("../terminal/questions.ts");
  using questions = new Questions();
  return await answers((question) => questions.ask(question));
}

/** Refuses answers that Slipway itself would refuse in the stack's file: a name that is too long, an address that is none. */
function requireSound(wanted: NewStack, stack: string, place: Place): void {
  const { problems } = new StackText(stackText(wanted), stack, place.project);
  const own = problems.filter(({ path }) => path.join(".") !== "registry.password");
  if (own.length > 0)
    throw refuse(
      "what was answered makes no stack; nothing was written",
      "correct these and run it again",
      own.map(({ path, message }) => `slipway:${path.join(".")}: ${message}`),
    );
}

async function write({ path, text, mode }: PlannedFile): Promise<void> {
  if (existsSync(path)) await replaceFile(realpathSync(path), text);
  else writeNew(path, text, mode);
}

function newStack(
  app: App,
  answers: Answers,
  { image }: InitRequest,
  {
    service,
    place,
    isBuilt,
    pin,
  }: { service: string; place: Place; isBuilt: boolean; pin: { hostKey: string; fingerprint: string } },
): NewStack {
  const isGiven = answers.port !== app.port?.value;
  return {
    service,
    context: isBuilt ? place.context : undefined,
    image,
    server: { ...answers.server, ...pin },
    domain: answers.domain,
    port: { value: answers.port, from: isGiven || app.port === undefined ? "as it was answered" : app.port.from },
    health: app.health ?? { value: "/", from: "any path that answers 200 while the app is healthy" },
    volumes: (app.dockerfile?.volumes ?? []).map(
      (path) => `${service}${path.replace(/[^A-Za-z0-9]+/g, "-").replace(/-$/, "")}:${path}`,
    ),
    release: app.databases.length > 0 && answers.databases.length === 0 ? undefined : app.release,
    workers: app.workers,
  };
}

const hasTag = (image: string): boolean =>
  /[:@]/.test(image.slice(image.lastIndexOf("/") + 1)) || /^(?:file|engine):/.test(image);

/** Files for a CI, whose jobs all need one state. */
function pipelineIn(place: Place, { ci, stack }: InitRequest, backend: string): Map<string, string> {
  if (ci === "none") return new Map();
  const state = stateOf(backend);
  if (state === undefined) throw notShared(backend);
  const git = (...args: string[]) => {
    const { status, stdout } = spawnSync("git", args, { cwd: place.app, encoding: "utf8", timeout: 10_000 });
    return status === 0 ? stdout.trim() : "";
  };
  const root = git("rev-parse", "--show-toplevel") || realpathSync(place.app);
  const branch = git("symbolic-ref", "--short", "refs/remotes/origin/HEAD").replace(/^origin\//, "") || "main";
  const project = existsSync(place.project)
    ? realpathSync(place.project)
    : join(realpathSync(place.app), relative(place.app, place.project));
  const pipeline = { folder: relative(root, project) || ".", stack, branch, state };
  return new Map([...ciFiles(ci, pipeline)].map(([path, text]) => [join(root, path), text]));
}

/** A second run: what is there is said, and what was asked for and is missing is written. */
async function present(
  request: InitRequest,
  place: Place,
  { service, hosts }: { readonly service: string; readonly hosts: readonly string[] },
): Promise<InitReport> {
  const { folder, stack, ci } = request;
  const backend = (await backendOf(undefined, await configuredBackend(place.project), place.project)).url;
  const planned = [...pipelineIn(place, request, backend)].map(
    ([path, text]): PlannedFile => ({ path, text, ifPresent: "refuse" }),
  );
  const { written, conflicts } = sorted(planned, read);
  if (conflicts.length > 0) throw inTheWay(conflicts, folder);
  for (const file of written) await write(file);
  const at = relative(folder, place.project) || ".";
  return {
    kind: "present",
    service,
    stack,
    folder: at,
    hosts,
    written: written.map(({ path }) => relative(folder, path)),
    next: nextCommands({
      folder: at,
      manifest: read(join(place.project, "package.json")),
      needsPassword: false,
      ci: written.length === 0 ? "none" : ci,
      versions: ownVersions(),
    }),
  };
}

const imported = (place: Place): InitReport => ({
  kind: "imported",
  import: importKamal({
    folder: place.app,
    config: "config/deploy.yml",
    destination: undefined,
    out: relative(place.app, place.project) || ".",
  }),
});

const refuse = (what: string, next: string, evidence: readonly string[] = []): SlipwayError =>
  new SlipwayError({ code: "USAGE", what, evidence, servesNow: NOTHING_TOUCHED, next });

const foreign = (file: string): SlipwayError =>
  refuse(
    `${file} is of a Pulumi project with something else in it; nothing was written`,
    "write the project into a different folder: slipway init --in FOLDER",
  );

const inTheWay = (conflicts: readonly PlannedFile[], folder: string): SlipwayError =>
  refuse(
    `${conflicts.length === 1 ? "a file is" : `${conflicts.length} files are`} in the way; nothing was written`,
    "remove or rename what is listed, or write the project into a different folder: slipway init --in FOLDER",
    conflicts.map(({ path }) => `${relative(folder, path)} exists, with a different content`),
  );

const noImage = (place: Place): SlipwayError =>
  refuse(
    `there is no Dockerfile in ${place.app}, and nothing there says in which language the app is; nothing was written`,
    "write a Dockerfile, whose container listens on a port and answers it on all addresses (0.0.0.0); or name an image that exists: --image ghcr.io/acme/shop:1.4.2",
  );

const notShared = (backend: string): SlipwayError =>
  refuse(
    `the jobs of a CI need a state that they all have, and it is in a folder of this machine (${backend}); nothing was written`,
    "name a bucket or Pulumi Cloud: --state s3://acme-pulumi?region=eu-central-1, or --state cloud; a state that exists is moved by pulumi stack export and import (docs/state.md)",
  );
