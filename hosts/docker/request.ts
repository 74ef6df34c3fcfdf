import type { Readable } from "node:stream";
import type Dockerode from "dockerode";
import { DockerRefusal } from "./refusal.ts";
import type { DockerTransport, RequestOptions, Work } from "./transport.ts";

/** What docker-modem takes for one request; dockerode's types leave it open. */
export interface Dial {
  readonly path: string;
  readonly method: string;
  readonly options?: object;
  readonly statusCodes: Readonly<Record<number, boolean>>;
  readonly isStream?: boolean;
  readonly abortSignal?: AbortSignal;
  readonly authconfig?: object | undefined;
  /** The body, where it is not JSON. */
  readonly file?: Readable;
}

export const dial = (docker: Dockerode, options: Dial): Promise<unknown> =>
  new Promise((resolve, reject) => {
    docker.modem.dial(options, (error: unknown, answer: unknown) => (error ? reject(error) : resolve(answer)));
  });

export const dialStream = async (docker: Dockerode, options: Dial): Promise<Readable> =>
  (await dial(docker, { ...options, isStream: true })) as Readable;

/** A read whose 404 is an answer, too: `undefined`. */
export async function lookUp<T>(
  transport: DockerTransport,
  what: string,
  work: Work<T>,
  options?: RequestOptions,
): Promise<T | undefined> {
  try {
    return await transport.read(what, work, options);
  } catch (error) {
    if (error instanceof DockerRefusal && error.statusCode === 404) return undefined;
    throw error;
  }
}

/** A change for which these status codes mean that nothing is left to do. */
export async function changeUnless(
  transport: DockerTransport,
  what: string,
  statusCodes: readonly number[],
  work: Work<unknown>,
  options?: RequestOptions,
): Promise<void> {
  try {
    await transport.change(what, work, options);
  } catch (error) {
    if (!(error instanceof DockerRefusal) || !statusCodes.includes(error.statusCode)) throw error;
  }
}

export type Removal = "removed" | "in use" | "gone";

/** Docker answers 409 for an image or volume in use, 403 for a network in use. */
const REMOVALS: Readonly<Record<number, Removal>> = { 403: "in use", 404: "gone", 409: "in use" };

/** Removes something unless it is in use. */
export async function removal(
  transport: DockerTransport,
  what: string,
  work: Work<unknown>,
  options?: RequestOptions,
): Promise<Removal> {
  try {
    await transport.change(what, work, options);
    return "removed";
  } catch (error) {
    const outcome = error instanceof DockerRefusal ? REMOVALS[error.statusCode] : undefined;
    if (outcome === undefined) throw error;
    return outcome;
  }
}
