/** @example camelCase("max_request_body") // "maxRequestBody" */
export const camelCase = (key: string): string => key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** @example snakeCase("maxRequestBody") // "max_request_body" */
export const snakeCase = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
