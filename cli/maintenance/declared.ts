import { readFile, realpath } from "node:fs/promises";
import { messageOf } from "../../core/error.ts";
import type { Maintenance } from "../../core/release/maintenance.ts";
import { edit } from "../reconfigure/yaml-edit.ts";
import { replaceFile } from "../stack/replace-file.ts";

const PLACE = ["config", "slipway:maintenance"] as const;

/** The text of a stack's file that declares it, or declares it no more. Pure. */
export function withMaintenance(text: string, maintenance: Maintenance | undefined, path: string): string {
  if (maintenance === undefined) return edit(text, [{ path: PLACE }], path);
  const { message } = maintenance;
  return edit(text, [{ path: PLACE, to: message === "" ? true : { message } }], path);
}

/** Writes it into the stack's file. @returns why the file cannot be changed by a command */
export async function declare(maintenance: Maintenance | undefined, file: string, path: string): Promise<string | undefined> {
  try {
    const place = await realpath(file);
    const text = await readFile(place, "utf8");
    const edited = withMaintenance(text, maintenance, path);
    if (edited !== text) await replaceFile(place, edited);
    return undefined;
  } catch (thrown) {
    return messageOf(thrown).split("\n", 1)[0];
  }
}
