import type { HostName } from "../../core/words.ts";

/**
 * The SSH connection, or Docker's end of a request, was lost while something was in flight. Whether it took effect is unknown: observe
 * the host again, then decide. The next call reconnects.
 */
export class ConnectionLost extends Error {
  readonly host: HostName;

  constructor(host: HostName, why: string, options?: ErrorOptions) {
    super(`${host}: the connection was lost: ${why}`, options);
    this.name = "ConnectionLost";
    this.host = host;
  }
}
