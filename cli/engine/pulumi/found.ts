import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { homeFolder } from "../../../core/this-user.ts";
import { versionFolder } from "./version.ts";

/** A Pulumi CLI on this machine. */
export interface FoundPulumi {
  /** The folder of `pulumi`. */
  readonly bin: string;
  /** On PATH, where Pulumi's own installer puts it, or where `slipway install` does. */
  readonly source: "path" | "installer" | "download";
}

/** Where Pulumi's own installer puts `pulumi`. A shell that was open at that time does not have it on PATH. */
export const installerBin = (): string => join(homeFolder(), ".pulumi", "bin");

/** Where `slipway install` unpacks the official release. */
export const downloadFolder = (): string => join(versionFolder(), "download");

/** The folder in it that has the programs. */
export const downloadBin = (): string => join(downloadFolder(), "bin");

/**
 * The Pulumi that every command uses: the first one, whatever its version. To ask for that would take a process in each run;
 * `slipway install` does.
 */
export const findPulumi = (): FoundPulumi | undefined => places().find(hasPulumi);

/** Every Pulumi in these places, in the order in which they are searched. */
export const allPulumis = (): FoundPulumi[] => places().filter(hasPulumi);

const places = (): FoundPulumi[] => [
  ...pathFolders().map((bin): FoundPulumi => ({ bin, source: "path" })),
  { bin: installerBin(), source: "installer" },
  { bin: downloadBin(), source: "download" },
];

const hasPulumi = ({ bin }: FoundPulumi): boolean => isExecutable(join(bin, "pulumi"));

/** The first executable of that name on PATH. */
export const onPath = (name: string): string | undefined =>
  pathFolders()
    .map((folder) => join(folder, name))
    .find(isExecutable);

const pathFolders = (): string[] => (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");

/** Whether a path is a program. A folder may be executable, too. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
