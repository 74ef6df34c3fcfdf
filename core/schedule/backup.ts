import { z } from "zod";
import { Cron } from "./cron.ts";
import { BackupStore } from "./store.ts";

/** When and how the data of an accessory is copied elsewhere. */
export const Backup = z.object({
  ...Cron.shape,
  /** Seconds after which a backup is stopped. */
  timeout: z.number(),
  /** How many backups are kept, the newest ones. */
  keep: z.number(),
  to: BackupStore,
  /** An age public key; absent: not encrypted. */
  encrypt: z.string().optional(),
  /** Names of volumes, or folders of the host; absent: the database of the preset, else all volumes of the accessory. */
  volumes: z.array(z.string()).optional(),
  /** The query or command that a drill runs on the restored data. */
  drill: z.string().optional(),
});
export type Backup = z.infer<typeof Backup>;
