import { z } from "zod";

/** A file that the proxy reads: public text, or the value of a secret. */
export const ProxyFile = z.discriminatedUnion("from", [
  z.object({ from: z.literal("text"), text: z.string() }),
  /** The name of the secret. */
  z.object({ from: z.literal("secret"), secret: z.string() }),
]);
export type ProxyFile = z.infer<typeof ProxyFile>;

/** Folder below the proxy's own → file name → content: certificates and error pages. A folder is named after its content. */
export const ProxyFiles = z.record(z.string(), z.record(z.string(), ProxyFile));
export type ProxyFiles = z.infer<typeof ProxyFiles>;
