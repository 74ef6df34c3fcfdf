import type { Bytes } from "../../../core/words.ts";
import type { ListeningSocket } from "../../../hosts/index.ts";

/** One HTTP answer, or why there was none. */
export interface HttpAnswer {
  readonly path: string;
  /** The `Host` header, where one was sent. */
  readonly host?: string | undefined;
  /** `404`, `connection refused`. */
  readonly said: string;
  /** Where it redirects to. */
  readonly location?: string | undefined;
}

/** What was seen of a container that failed. What could not be read is absent. */
export interface Seen {
  /** The last lines that it wrote, or what Docker said of its start. */
  readonly lines: readonly string[];
  /** How it ended. Absent: it did not. */
  readonly ended?: { readonly code: number; readonly oomKilled: boolean; readonly memoryLimit: Bytes } | undefined;
  /** The last answer to its HTTP check. */
  readonly asked?: (HttpAnswer & { readonly port: number }) | undefined;
  /** Where it listens, if it refused the connection. */
  readonly sockets?: readonly ListeningSocket[] | undefined;
  /** Further answers, read when it was refused: other paths, another host name. */
  readonly others?: readonly HttpAnswer[] | undefined;
  /** TCP ports that its image names (EXPOSE). */
  readonly exposed?: readonly number[] | undefined;
  /** Its process with arguments. */
  readonly process?: readonly string[] | undefined;
  /** The user that it runs as; empty for root. */
  readonly user?: string | undefined;
  readonly image?: string | undefined;
  readonly mounts?: readonly { readonly source: string; readonly target: string; readonly readOnly: boolean }[] | undefined;
  /** Its CPU, as its image says. */
  readonly arch?: string | undefined;
}
