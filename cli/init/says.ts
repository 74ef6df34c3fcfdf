import type { Answers } from "./answers.ts";
import type { App } from "./app/app.ts";
import type { NewStack } from "./stack-file.ts";

/** What was taken from where, a line each. */
export function findingsOf(wanted: NewStack, { databases }: Answers, app: App): string[] {
  const { port, health, release, workers, volumes } = wanted;
  const line = (what: string, value: string | number, from: string) => `${what} ${value} (${from})`;
  return [
    line("port", port.value, port.from),
    line("health check", health.value, health.from),
    ...volumes.map((volume) => line("volume", volume, "VOLUME in Dockerfile")),
    ...(release === undefined ? [] : [line("before each release", release.value, release.from)]),
    ...Object.entries(workers).map(([name, { value, from }]) => line(`role ${name}`, value, from)),
    ...databases.map((preset) =>
      line("beside the app", preset, app.databases.find(({ value }) => value === preset)?.from ?? "as it was answered"),
    ),
  ];
}

interface Noted {
  readonly app: App;
  readonly wanted: NewStack;
  /** Whether a Dockerfile was written. */
  readonly image: boolean;
  readonly noLogin?: string;
}

/** What may be wrong, or is not what the user might expect. */
export function notesOf({ app, wanted, image, noLogin }: Noted): string[] {
  const { health, domain, server } = wanted;
  return [
    ...(noLogin === undefined ? [] : [noLogin]),
    ...(image ? ["the Dockerfile is new: build it once to see that it fits (docker build .)"] : []),
    ...(app.health === undefined
      ? [`no path for the health check was found: a release is healthy when ${health.value} answers 2xx`]
      : []),
    ...(app.release !== undefined && wanted.release === undefined
      ? [`without a database, ${app.release.value} (${app.release.from}) is not run before each release: slipway:release adds it`]
      : []),
    ...(domain === undefined
      ? []
      : [`the DNS record of ${domain} has to lead to ${server.address} before the first deploy: Let's Encrypt looks there`]),
    ...(app.dockerfile !== undefined &&
    app.dockerfile.user === undefined &&
    /^(?:node|python|ruby|golang|debian|ubuntu|alpine)(?::|$)/.test(app.dockerfile.base)
      ? ["the container runs as root: a line USER in the Dockerfile changes that"]
      : []),
  ];
}
