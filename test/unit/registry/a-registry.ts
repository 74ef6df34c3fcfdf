import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";
import type { Registry } from "../../../core/registry.ts";

export const DIGEST = `sha256:${"9f31".repeat(16)}`;
/** A login to a registry. */
export const ann = (server: string): Registry => ({ server, username: "ann", password: "canary-p4ssword" });
export const BASIC = `Basic ${Buffer.from("ann:canary-p4ssword").toString("base64")}`;

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly accept: string | undefined;
}
export type Answer = (request: IncomingMessage, response: ServerResponse, asked: readonly Asked[]) => void;

const closing: (() => void)[] = [];
/** Nothing listens there any more. */
export function closeRegistries(): void {
  for (const close of closing.splice(0)) close();
}
afterEach(closeRegistries);

/** A registry on loopback with this behaviour. */
export async function aRegistry(answer: Answer): Promise<{ server: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const http = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    asked.push({ method, url, authorization: headers.authorization, accept: headers.accept });
    answer(request, response, asked);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    http.closeAllConnections();
    http.close();
  });
  return { server: `127.0.0.1:${(http.address() as AddressInfo).port}`, asked };
}

export const found: Answer = (_request, response) => response.writeHead(200, { "docker-content-digest": DIGEST }).end();
export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    response.writeHead(code, headers).end();

/** Grants access to requests with `authorization`, and challenges the others. */
export const behind =
  (authorization: string, challenge: () => string): Answer =>
  (request, response, asked) => {
    if (request.headers.authorization === authorization) return found(request, response, asked);
    return status(401, { "www-authenticate": challenge() })(request, response, asked);
  };
