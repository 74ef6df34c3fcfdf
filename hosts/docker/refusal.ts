/** Docker answered with an error. */
export class DockerRefusal extends Error {
  override readonly name = "DockerRefusal";
  /** The HTTP status: 404 missing, 409 conflict. */
  readonly statusCode: number;

  constructor(statusCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.statusCode = statusCode;
  }
}

/** The refusal in an error of docker-modem; any other error as it is. */
export function refusalOf(error: unknown): unknown {
  if (!(error instanceof Error) || !("statusCode" in error) || typeof error.statusCode !== "number") return error;
  const body: unknown = "json" in error ? error.json : undefined;
  const message = body !== null && typeof body === "object" && "message" in body ? String(body.message) : undefined;
  // dockerode puts the status and a message of its own before Docker's.
  return new DockerRefusal(error.statusCode, message ?? error.message.replace(/^\(HTTP code \d+\) .*? - /, "").trim());
}
