export { confirmTag } from "./confirm-tag.ts";
export { resolveDigest } from "./digest.ts";
export { USER as ENDPOINT_USER } from "./endpoint/answer.ts";
export { Endpoint } from "./endpoint/endpoint.ts";
export { addImageFile, addImageTar, type FoundImage, readImageFile } from "./image-file/read.ts";
export { type Platform, resolvePlatforms } from "./platforms.ts";
export { layersArchive, layoutArchive } from "./store/archive.ts";
export { bytesAbove, identityOf, type PlatformImage, type StoredImage } from "./store/image.ts";
export { ImageStore } from "./store/store.ts";
