import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { projectFile } from "../../project/place.ts";
import { backendUrl } from "../stack/backend-folder.ts";
import { currentLogin } from "../stack/login.ts";
import type { StateChoice } from "./options.ts";

const CLOUD = "https://api.pulumi.com";

/** The backend that is configured for a project: in the environment, in its file, by a login, or since it has its state in its folder. */
export async function configuredBackend(project: string): Promise<string | undefined> {
  const { PULUMI_BACKEND_URL: url, PULUMI_ACCESS_TOKEN: token } = process.env;
  if (existsSync(projectFile(project))) {
    const named = await backendUrl(project);
    if (named !== undefined) return named;
  }
  const login = url || (await currentLogin()) || (token ? CLOUD : undefined);
  return login ?? (existsSync(stateIn(project)) ? stateUrl(project) : undefined);
}

const stateIn = (project: string): string => join(project, ".pulumi", "state");
const stateUrl = (project: string): string => pathToFileURL(stateIn(project)).href;

/** Where a new project has its state. */
export interface Backend {
  readonly url: string;
  /** Whether Pulumi.yaml has to name it. */
  readonly isNamed: boolean;
  /** Whether it encrypts by a passphrase; Pulumi Cloud has keys of its own. */
  readonly hasPassphrase: boolean;
}

/** @param configured the backend of this user, which counts unless another one is chosen */
export async function backendOf(
  choice: StateChoice | undefined,
  configured: string | undefined,
  project: string,
): Promise<Backend> {
  const of = (url: string, isNamed: boolean): Backend => ({ url, isNamed, hasPassphrase: !/^https?:/.test(url) });
  if (choice === undefined) return of(configured ?? stateUrl(project), false);
  if (choice.kind === "url") return of(choice.url, true);
  // A login elsewhere would be used instead, if it were not named.
  if (choice.kind === "folder") return of(stateUrl(project), false);
  if (!process.env.PULUMI_ACCESS_TOKEN && !(await currentLogin())?.startsWith("https:")) throw noLogin();
  return of(CLOUD, true);
}

/** Makes the folder that a backend is, if it is that of the project. */
export function makeState({ url }: Backend, project: string): void {
  if (url === stateUrl(project)) mkdirSync(stateIn(project), { recursive: true, mode: 0o700 });
}

/** A backend in the project's folder that this user's other settings would replace. */
export function requireUsed(choice: StateChoice | undefined, configured: string | undefined, project: string): void {
  if (choice?.kind !== "folder" || configured === undefined || configured === stateUrl(project)) return;
  throw new SlipwayError({
    code: "USAGE",
    what: `the state cannot be in this folder: pulumi uses ${configured} on this machine`,
    servesNow: NOTHING_TOUCHED,
    next: "leave --state out to use that backend, or log out of it first: npx slipway pulumi logout",
  });
}

const noLogin = (): SlipwayError =>
  new SlipwayError({
    code: "USAGE",
    what: "this machine has no login to Pulumi Cloud",
    servesNow: NOTHING_TOUCHED,
    next: "npx slipway pulumi login, then run this again; or choose another place: --state folder",
  });
