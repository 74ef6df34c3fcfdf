/** What a look at everything found. */
export type Look =
  | { readonly found: "nothing to do"; readonly release: string; readonly resources: number }
  /** The engine has to look: something differs, or could not be seen. */
  | { readonly found: "perhaps something"; readonly because: string };
