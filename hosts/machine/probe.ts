import type { Bytes, Milliseconds, Seconds } from "../../core/words.ts";
import { http } from "../docker/http.ts";
import type { Connection } from "../ssh/connection.ts";
import { ConnectionLost } from "../ssh/connection-lost.ts";

/** What to request, from inside the host's own network. */
export interface ProbeTarget {
  /** Usually a container's address. */
  readonly address: string;
  readonly port: number;
  readonly path: string;
  /** The `Host` header. Default: address and port. */
  readonly host?: string;
  /** Default `slipway`. */
  readonly userAgent?: string;
}

/** Node's own limit of 16 KiB would call an answer with many cookies "not HTTP". */
const LARGEST_HEADERS: Bytes = 1024 * 1024;

/** Of the body of an answer that is not 2xx: enough for the reason of a refusal. */
const LARGEST_BODY: Bytes = 2048;

export interface ProbeAnswer {
  readonly status: number;
  readonly ms: Milliseconds;
  /** The beginning of the body; empty for 2xx. */
  readonly body: string;
  /** Where it redirects to. */
  readonly location?: string;
}

/** One GET through the SSH connection; redirects are not followed. Rejects with a short error if there is no answer. */
export async function probe(connection: Connection, target: ProbeTarget, timeout: Seconds): Promise<ProbeAnswer> {
  const { address, port, path, host, userAgent = "slipway" } = target;
  const began = performance.now();
  const socket = connection.socket("command", `probe ${address}:${port}`, (client, done) =>
    client.forwardOut("127.0.0.1", 0, address, port, done),
  );
  const late = AbortSignal.timeout(Math.ceil(timeout * 1000));
  try {
    return await new Promise((resolve, reject) => {
      const giveUp = () => reject(new Error(`no answer in ${Math.round(timeout * 10) / 10} s`));
      late.addEventListener("abort", giveUp, { once: true });
      socket.on("error", reject);
      const request = http.request({
        createConnection: () => socket,
        path,
        maxHeaderSize: LARGEST_HEADERS,
        headers: {
          host: host ?? `${address.includes(":") ? `[${address}]` : address}:${port}`,
          "user-agent": userAgent,
          connection: "close",
        },
      });
      request.on("error", reject);
      request.on("response", (response) => {
        const { statusCode: status = 0 } = response;
        const { location } = response.headers;
        const ms = performance.now() - began;
        if (status >= 200 && status < 300) return resolve({ status, ms, body: "" });
        let body = "";
        const end = () => resolve({ status, ms, body, ...(location === undefined ? {} : { location }) });
        // The answer is known: a body that does not end may not make it a failure.
        late.removeEventListener("abort", giveUp);
        late.addEventListener("abort", end, { once: true });
        response.setEncoding("utf8");
        response.on("data", (part: string) => {
          body = (body + part).slice(0, LARGEST_BODY);
          if (body.length === LARGEST_BODY) end();
        });
        for (const event of ["end", "error", "close"]) response.on(event, end);
      });
      request.end();
    });
  } catch (error) {
    throw error instanceof ConnectionLost ? error : shortened(error);
  } finally {
    socket.destroy();
  }
}

const SHORT: readonly (readonly [RegExp, string])[] = [
  [/connection refused/i, "connection refused"],
  [/no route|unreachable/i, "no route to it"],
  [/timed out|timeout/i, "the connection timed out"],
  [/prohibited/i, "sshd on the host forbids it (AllowTcpForwarding no)"],
  [/hang up|ECONNRESET|aborted/i, "closed without an answer"],
  [/Parse Error/i, "the answer is not HTTP"],
];

/** A failure to open a channel to a port, in a few words. */
export function shortened(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const text = `${error.message} ${(error as NodeJS.ErrnoException).code ?? ""}`;
  const short = SHORT.find(([pattern]) => pattern.test(text))?.[1];
  return short === undefined ? error : new Error(short, { cause: error });
}
