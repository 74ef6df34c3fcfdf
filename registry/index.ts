export { confirmTag } from "./confirm-tag.ts";
export { resolveDigest } from "./digest.ts";
export { type Platform, resolvePlatforms } from "./platforms.ts";
