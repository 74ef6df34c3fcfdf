export { type Credentials, resolveDigest } from "./digest.ts";
export { absoluteImage, parseReference, pinned, type Reference, repositoryName } from "./reference.ts";
