/** Percent-encodes a value for any part of a URL. */
export const inUrl = (value: string): string => encodeURIComponent(value.toWellFormed());

/** A host as a URL has it: an IPv6 address is in brackets. @example hostInUrl("fd00::5") // "[fd00::5]" */
export const hostInUrl = (host: string): string => (host.includes(":") ? `[${host}]` : host);
