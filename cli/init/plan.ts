import { join, relative } from "node:path";
import { ignoring, manifestText, projectText } from "../../project/new/files.ts";
import { PASSPHRASE_FILE } from "../stack/passphrase.ts";
import type { NewImage } from "./dockerfile.ts";
import type { Place } from "./place.ts";
import { PROGRAM } from "./program-text.ts";

/** A file to write, complete or not at all. */
export interface PlannedFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  readonly mode?: number;
  /** If it is there already: the run is refused, the file stays as it is, or it gets this text instead of its own, which has all of that. */
  readonly ifPresent: "refuse" | "keep" | "extend";
}

export interface ProjectPlan {
  readonly place: Place;
  readonly service: string;
  /** The URL of the backend for Pulumi.yaml. */
  readonly backend: string | undefined;
  /** The passphrase to keep in the project. */
  readonly passphrase: string | undefined;
  readonly typescript: boolean;
  readonly image: NewImage | undefined;
  /** Files for a CI by their absolute path. */
  readonly ci: ReadonlyMap<string, string>;
  readonly versions: Readonly<Record<string, string>>;
  /** What a file has now; `undefined`: it is missing. */
  readonly read: (path: string) => string | undefined;
}

/** Every file but that of the stack, in the order in which they are written. Pure, but for `read`. */
export function plannedFiles(plan: ProjectPlan): PlannedFile[] {
  const { place, service, backend, passphrase, typescript, image, ci, versions, read } = plan;
  const at = (name: string) => join(place.project, name);
  const file = (path: string, text: string, ifPresent: PlannedFile["ifPresent"] = "refuse"): PlannedFile => ({
    path,
    text,
    ifPresent,
  });
  const [ignored, unsent] = [at(".gitignore"), join(place.app, ".dockerignore")];
  return [
    // First what keeps the passphrase out of git.
    ...(passphrase === undefined
      ? []
      : [
          file(at(".pulumi/.gitignore"), "*\n", "keep"),
          { ...file(at(PASSPHRASE_FILE), `${passphrase}\n`, "keep"), mode: 0o600 },
        ]),
    file(ignored, ignoring(read(ignored) ?? ""), "extend"),
    // A build of Slipway leaves it out; one by hand would put state and passphrase into the image.
    file(
      unsent,
      ignoring(read(unsent) ?? image?.dockerignore ?? "", [join(relative(place.app, place.project), ".pulumi")]),
      "extend",
    ),
    file(at("package.json"), manifestText({ name: service, versions }), "keep"),
    ...(typescript ? [file(at("index.ts"), PROGRAM)] : []),
    file(at("Pulumi.yaml"), projectText({ name: service, backend, main: typescript ? "index.ts" : undefined }), "keep"),
    ...(image === undefined ? [] : [file(join(place.app, "Dockerfile"), image.dockerfile, "keep")]),
    ...[...ci].map(([path, text]) => file(path, text)),
  ];
}

/** What happens to each of them. */
export interface Sorted {
  readonly written: readonly PlannedFile[];
  readonly kept: readonly PlannedFile[];
  readonly conflicts: readonly PlannedFile[];
}

export function sorted(files: readonly PlannedFile[], read: ProjectPlan["read"]): Sorted {
  const present = files.map((one) => ({ one, now: read(one.path) }));
  const those = (is: (now: string | undefined, one: PlannedFile) => boolean) =>
    present.filter(({ one, now }) => is(now, one)).map(({ one }) => one);
  return {
    written: those((now, one) => now === undefined || (one.ifPresent === "extend" && now !== one.text)),
    kept: those((now, one) => now !== undefined && (one.ifPresent === "keep" || now === one.text)),
    conflicts: those((now, one) => now !== undefined && one.ifPresent === "refuse" && now !== one.text),
  };
}
