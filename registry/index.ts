export { type Credentials, resolveDigest } from "./digest.ts";
export { type Platform, resolvePlatforms } from "./platforms.ts";
export { absoluteImage, parseReference, pinned, type Reference, repositoryName } from "./reference.ts";
