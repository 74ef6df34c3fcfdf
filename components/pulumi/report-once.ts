/** A rejection that nothing handles ends the program, with one error for all that waits. */
export const reportOnce = (asked: Promise<unknown>): void => void asked.then(() => {});
