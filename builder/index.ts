export { type BuildRequest, type Built, buildImage, pushImage } from "./build-image.ts";
export { findTools, type Tools } from "./buildx/tools.ts";
export { changesSinceBuild, rememberBuild } from "./context/last-build.ts";
export { readContext } from "./context/read.ts";
export { knownDigest, readEngineImage } from "./engine-image/read.ts";
export { type Place, placeOf } from "./place.ts";
export { contentNow, type Source, sourceOf } from "./source.ts";
export { commitOfCi, versionOf } from "./version.ts";
