/** The key of a stack whose config is in Kamal's file. */
export const DEPLOY_FILE = "slipway:deploy_file";

/** Whether a stack builds its image, as its own file or Kamal's says. @param values by the full key */
export const isBuilt = (values: Readonly<Record<string, unknown>>): boolean =>
  "slipway:builder" in values || DEPLOY_FILE in values;
