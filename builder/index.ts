export { type BuildRequest, type Built, buildImage, pushImage } from "./build-image.ts";
export { findTools, type Tools } from "./buildx/tools.ts";
export { ignoredIn } from "./context/ignore-file.ts";
export { changesSinceBuild, rememberBuild } from "./context/last-build.ts";
export { readContext } from "./context/read.ts";
export { knownDigest, readEngineImage } from "./engine-image/read.ts";
export { commitAt } from "./git.ts";
export { type Place, placeOf } from "./place.ts";
export { commitOfCi, versionOf } from "./version.ts";
