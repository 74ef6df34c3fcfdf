export { askSources } from "./ask.ts";
export { type Asking, Prompts } from "./asking.ts";
export { type AskedSource, answersFor, type CompleteConfig, completeConfig, fingerprintOf, SOURCES_KEY } from "./complete.ts";
export { type Offer, offer, SOCKET_VARIABLE } from "./hand-over.ts";
export { withKeysOfSources } from "./key-data.ts";
export { type NamedSecrets, namedSecrets } from "./named.ts";
export { answersTo } from "./once.ts";
