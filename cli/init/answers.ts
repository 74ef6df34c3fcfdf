import type { PresetName } from "../../core/accessory/preset.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Question } from "../terminal/questions.ts";
import type { App } from "./app/app.ts";
import {
  type Reached,
  type Read,
  readDatabases,
  readDomain,
  readPort,
  readServer,
  readState,
  requireReadable,
  type StateChoice,
} from "./options.ts";

/** The answers that the command line has, as they are typed. */
export interface Given {
  readonly host?: string | undefined;
  readonly user?: string | undefined;
  /** `false`: none. */
  readonly domain?: string | false | undefined;
  readonly appPort?: string | undefined;
  readonly database?: string | undefined;
  readonly state?: string | undefined;
}

export interface Answers {
  readonly server: Reached;
  readonly domain: string | undefined;
  readonly port: number;
  readonly databases: readonly PresetName[];
  /** `undefined`: the backend that is configured already. */
  readonly state: StateChoice | undefined;
}

/** A question whose answer the command line does not have, and the option with which it would. */
export interface Open {
  readonly option: string;
  readonly text: string;
  /** What an empty answer means, as it is typed; `undefined`: there has to be an answer. */
  readonly otherwise: string | undefined;
  /** Why that, for people. */
  readonly because: string;
}

type Key = keyof Answers;

/** How one answer is asked for, and read. */
interface Entry<T> extends Open {
  /** As typed on the command line. */
  readonly given: string | undefined;
  /** Whether it is certain, or not to be asked, what an empty answer means. */
  readonly isKnown: boolean;
  readonly read: (answer: string) => Read<T>;
}

type Entries = { readonly [K in Key]: Entry<Answers[K]> };

/** @param hasBackend whether a backend is configured: then it is used, without a question */
function entriesFor(app: App, given: Given, hasBackend: boolean): Entries {
  const { port, databases } = app;
  const wanted = databases.map(({ value }) => value).join(",");
  return {
    server: {
      option: "--host [USER@]ADDRESS",
      text: "server, as [user@]address",
      otherwise: undefined,
      because: "",
      given: given.host,
      isKnown: false,
      read: (answer) => readServer(answer, given.user),
    },
    domain: {
      option: "--domain NAME or --no-domain",
      text: "domain of the app, or none",
      otherwise: "none",
      because: "no domain: the app answers at the server's address, without TLS",
      given: given.domain === false ? "none" : given.domain,
      isKnown: false,
      read: readDomain,
    },
    port: {
      option: "--app-port PORT",
      text: "port that the app listens on",
      otherwise: port === undefined ? undefined : String(port.value),
      because: port === undefined ? "" : `port ${port.value}: ${port.from}`,
      given: given.appPort,
      isKnown: port?.isCertain ?? false,
      read: readPort,
    },
    databases: {
      option: "--database NAMES or --database none",
      text: "databases beside the app, or none",
      otherwise: wanted === "" ? "none" : wanted,
      because: databases.length === 0 ? "no database" : databases.map(({ value, from }) => `${value}: ${from}`).join(", "),
      given: given.database,
      isKnown: databases.length === 0,
      read: readDatabases,
    },
    state: {
      option: "--state folder, --state cloud or --state URL",
      text: "state: folder (this one), the URL of a bucket (s3://…), or cloud (Pulumi Cloud)",
      otherwise: "folder",
      because: "state in this folder, on this machine alone",
      given: given.state,
      isKnown: hasBackend,
      read: (answer) => (hasBackend && given.state === undefined ? { value: undefined } : readState(answer)),
    },
  };
}

const ORDER: readonly Key[] = ["server", "domain", "port", "databases", "state"];

/** What would be asked, in its order. */
export function openQuestions(app: App, given: Given, hasBackend: boolean): Open[] {
  const entries = entriesFor(app, given, hasBackend);
  return ORDER.map((key) => entries[key]).filter((entry) => entry.given === undefined && !entry.isKnown);
}

/**
 * The answers of the command line, and of the user to what it leaves open.
 *
 * @param ask `undefined`: nothing can be asked
 * @param takesDefaults `--yes`: an empty answer to each question
 */
export async function answersTo(
  app: App,
  given: Given,
  hasBackend: boolean,
  takesDefaults: boolean,
  ask: (<T>(question: Question<T>) => Promise<T>) | undefined,
): Promise<Answers> {
  const entries = entriesFor(app, given, hasBackend);
  const read = Object.fromEntries(
    ORDER.map((key) => {
      const entry: Entry<unknown> = entries[key];
      return [optionOf(entry), entry.given === undefined ? undefined : entry.read(entry.given)];
    }),
  );
  requireReadable(read);
  const open = openQuestions(app, given, hasBackend);
  const missing = takesDefaults ? open.filter(({ otherwise }) => otherwise === undefined) : ask === undefined ? open : [];
  if (missing.length > 0) throw unanswered(missing, open, takesDefaults);
  const answer = async <T>(entry: Entry<T>): Promise<T> => {
    const known = entry.given ?? (takesDefaults || entry.isKnown || ask === undefined ? (entry.otherwise ?? "") : undefined);
    if (known === undefined && ask !== undefined) return ask(entry);
    const value = entry.read(known ?? "");
    if ("wrong" in value) throw new TypeError(`a default that cannot be read: ${value.wrong}`);
    return value.value;
  };
  return {
    server: await answer(entries.server),
    domain: await answer(entries.domain),
    port: await answer(entries.port),
    databases: await answer(entries.databases),
    state: await answer(entries.state),
  };
}

const optionOf = ({ option }: Open): string => option.split(" ")[0] ?? option;

function unanswered(missing: readonly Open[], open: readonly Open[], takesDefaults: boolean): SlipwayError {
  const taken = open.filter(({ otherwise }) => otherwise !== undefined).map(({ because }) => because);
  const necessary = open.filter(({ otherwise }) => otherwise === undefined).map(({ option }) => option);
  const [count, them] = missing.length === 1 ? ["an answer", "it"] : [`${missing.length} answers`, "them"];
  const next =
    takesDefaults || taken.length === 0
      ? `run it again with ${necessary.join(" ")} as well`
      : `run it with these options, or with ${[...necessary, "--yes"].join(" ")}, which takes ${taken.join("; ")}`;
  return new SlipwayError({
    code: "USAGE",
    what: takesDefaults
      ? `slipway init needs ${count} that no file has, and --yes asks for nothing`
      : `slipway init needs ${count}, and there is no terminal to ask for ${them}`,
    evidence: missing.map(({ option, text }) => `${option}   ${text}`),
    servesNow: NOTHING_TOUCHED,
    next,
  });
}
