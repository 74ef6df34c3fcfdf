import { Server } from "node:net";

/** The engine's call after Ctrl-C or SIGTERM. */
const CANCEL = "/pulumirpc.ResourceProvider/Cancel";

/**
 * Aborted when the person who runs Pulumi cancels. Pulumi's process for dynamic resources answers that call by itself and passes it to no
 * provider, so it is read where it arrives: at the HTTP/2 server of this process. Where that is not found, only waits are longer.
 */
export function listenForCancel(): AbortSignal {
  const cancelled = new AbortController();
  for (const handle of activeHandles())
    if (handle instanceof Server)
      handle.on("stream", (_stream: unknown, headers: unknown) => {
        if (pathIn(headers) === CANCEL) cancelled.abort();
      });
  return cancelled.signal;
}

function activeHandles(): unknown[] {
  // Not in Node's types; the only list of the servers that others have started.
  const list: unknown = Reflect.get(process, "_getActiveHandles");
  const handles: unknown = typeof list === "function" ? list.call(process) : [];
  return Array.isArray(handles) ? handles : [];
}

const pathIn = (headers: unknown): unknown =>
  typeof headers === "object" && headers !== null && ":path" in headers ? headers[":path"] : undefined;
