/** An image in a file of the operator, as users write it: `file://dist/shop.tar`, `file://dist/images#shop:1.4.2`. */
export interface FileImage {
  /** Of an OCI layout's folder or of a tar; relative to the project's folder unless it begins with a slash. */
  readonly path: string;
  /** Which of several images in it: its name, its tag or its digest there. Absent: the only one. */
  readonly name?: string;
  /** That it has to be this image, as a rollback writes it. Absent: whatever the file has now. */
  readonly digest?: string;
}

const FORM = /^file:\/\/(?<path>[^#]+?)(?:#(?<name>[^@]+(?:@(?!sha256:)[^@]+)*))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

/** Whether an image is meant to come from a file. @example isFileImage("file://dist/shop.tar") // true */
export const isFileImage = (image: string): boolean => image.startsWith("file:");

/**
 * An image in a file, or `undefined` if it is written otherwise.
 *
 * @example parseFileImage("file://dist/shop.tar#v2") // { path: "dist/shop.tar", name: "v2" }
 */
export function parseFileImage(image: string): FileImage | undefined {
  const { path, name, digest } = FORM.exec(image)?.groups ?? {};
  if (path === undefined) return undefined;
  return { path, ...(name === undefined ? {} : { name }), ...(digest === undefined ? {} : { digest }) };
}
