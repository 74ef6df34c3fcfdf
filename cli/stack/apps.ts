import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Checkpoint, Kept } from "./checkpoint.ts";
import { chosen } from "./choose.ts";

/** A program may declare several apps; a stack's file is one, which needs no name. */
const APP = "slipway:App";

const nameOf = ({ urn }: Kept): string => urn.split("::").at(-1) ?? "";

/** The names of the apps that a program declares. */
export const appsIn = ({ resources }: Checkpoint): string[] =>
  resources
    .filter(({ type }) => type === APP)
    .map(nameOf)
    .sort();

/** What belongs to one app, and what belongs to none. @param app may be left out if there is one app at most */
export function ofApp(checkpoint: Checkpoint, app: string | undefined): Checkpoint {
  const apps = appsIn(checkpoint);
  if (app === undefined && apps.length < 2) return checkpoint;
  if (app === undefined) throw severalApps(apps);
  chosen("app", apps, [app]);
  const others = new Set(checkpoint.resources.filter((one) => one.type === APP && nameOf(one) !== app).map(({ urn }) => urn));
  const parents = new Map(checkpoint.resources.map(({ urn, parent }) => [urn, parent]));
  const isBelow = (urn: string | undefined): boolean => urn !== undefined && (others.has(urn) || isBelow(parents.get(urn)));
  return { ...checkpoint, resources: checkpoint.resources.filter(({ urn }) => !isBelow(urn)) };
}

/** The component of the app, whose outputs are those of the program's `App`; undefined for a stack's file. */
export const appOf = ({ resources }: Checkpoint): Kept | undefined => resources.find(({ type }) => type === APP);

const severalApps = (apps: readonly string[]): SlipwayError =>
  new SlipwayError({
    code: "USAGE",
    what: `this stack has ${apps.length} apps`,
    evidence: apps,
    servesNow: NOTHING_TOUCHED,
    next: `name one of them: --app ${apps[0]}`,
  });
