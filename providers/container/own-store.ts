import { projectOf } from "../../project/place.ts";
import { ImageStore } from "../../registry/index.ts";

/** The folder of the project that this run belongs to. */
export const ownProject = (): string => projectOf(process.cwd());

/** The project's store on this machine. */
export const ownStore = (): ImageStore => ImageStore.of(ownProject());
