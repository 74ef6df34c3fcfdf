/** What serves when a build has failed: the run may have changed servers and accessories meanwhile, but the app waits for its image. */
export const APP_UNCHANGED = "what served before; the app was not changed";
