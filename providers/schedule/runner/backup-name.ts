import type { BackupSpec, Form } from "./backup-spec.ts";

/** The parts of a backup's file name. */
export interface BackupName {
  /** When it began, in UTC: `20261121-201530-123`; sorts by time. */
  readonly id: string;
  readonly form: Form;
  readonly isCompressed: boolean;
  readonly isEncrypted: boolean;
}

const NAME = /^(\d{8}-\d{6}-\d{3})\.(dump|sql|rdb|tar)(\.gz)?(\.age)?$/;

/** The id of a backup that begins at this moment. */
export const idAt = (moment: Date): string => moment.toISOString().replace(/[-:Z]/g, "").replace(/[T.]/g, "-");

/** When the backup began. */
export function momentOf(id: string): Date {
  const [, year, month, day, hour, minute, second, part] = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-(\d{3})$/.exec(id) ?? [];
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${part}Z`);
}

/** @example fileOf("20261121-201530-123", { form: "dump", gzip: false, encrypt: "age1…" }) // "20261121-201530-123.dump.age" */
export const fileOf = (id: string, { form, gzip, encrypt }: Pick<BackupSpec, "form" | "gzip" | "encrypt">): string =>
  `${id}.${form}${gzip ? ".gz" : ""}${encrypt === undefined ? "" : ".age"}`;

/** `undefined` if the file is not a backup. */
export function parseName(file: string): BackupName | undefined {
  const [, id, form, compressed, encrypted] = NAME.exec(file) ?? [];
  if (id === undefined) return undefined;
  return { id, form: form as Form, isCompressed: compressed !== undefined, isEncrypted: encrypted !== undefined };
}

/** The file with the result of a drill of this backup. */
export const drillFileOf = (id: string): string => `${id}.drill.json`;
