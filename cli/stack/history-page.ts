import { type PulumiOptions, pulumi, stackArguments } from "../../project/pulumi.ts";

/** Updates on one page of a stack's history. */
export const PAGE = 50;

/** What `pulumi stack history --json --show-secrets` prints of one page, which count from 1. It decrypts. */
export function askPage(page: number, stack: string | undefined, folder: string, options?: PulumiOptions): Promise<string> {
  const pages = ["--page-size", String(PAGE), "--page", String(page)];
  return pulumi(["stack", "history", "--json", "--show-secrets", ...pages, ...stackArguments(stack)], folder, options);
}
