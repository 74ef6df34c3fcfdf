import type { ImportReport } from "../import/report.ts";

/** What an init has found and done; `slipway init --json` prints it. */
export type InitReport =
  | {
      readonly kind: "written";
      readonly service: string;
      readonly stack: string;
      /** The project's folder, from the current one. */
      readonly folder: string;
      /** Paths from the current folder. */
      readonly written: readonly string[];
      /** Files that were there already, and are as they were. */
      readonly kept: readonly string[];
      readonly server: {
        readonly address: string;
        readonly user: string;
        readonly fingerprint: string;
        readonly trustedBy: string;
      };
      /** What was taken from where: `port 3000 (EXPOSE in Dockerfile)`. */
      readonly found: readonly string[];
      /** What the user has to know, a line each. */
      readonly notes: readonly string[];
      /** The backend. */
      readonly state: string;
      /** The file of the passphrase, from the current folder; `null`: there is no such file. */
      readonly passphrase: string | null;
      /** The next commands, with what each is for. */
      readonly next: readonly NextCommand[];
    }
  | {
      readonly kind: "present";
      readonly service: string;
      readonly stack: string;
      readonly folder: string;
      readonly hosts: readonly string[];
      readonly written: readonly string[];
      readonly next: readonly NextCommand[];
    }
  /** Kamal's files were there. */
  | { readonly kind: "imported"; readonly import: ImportReport };

export interface NextCommand {
  readonly command: string;
  readonly says: string;
}
