/** The error codes of Hetzner's API with their HTTP status. */
const STATUS = {
  json_error: 400,
  unauthorized: 401,
  forbidden: 403,
  resource_limit_exceeded: 403,
  not_found: 404,
  method_not_allowed: 405,
  uniqueness_error: 409,
  conflict: 409,
  resource_in_use: 409,
  server_already_attached: 409,
  server_already_added: 409,
  load_balancer_already_attached: 409,
  firewall_already_applied: 409,
  primary_ip_assigned: 409,
  volume_already_attached: 409,
  source_port_already_used: 409,
  target_already_defined: 409,
  networks_overlap: 409,
  ip_not_available: 409,
  no_subnet_available: 409,
  resource_unavailable: 412,
  placement_error: 412,
  server_not_stopped: 412,
  invalid_input: 422,
  unsupported_error: 422,
  firewall_resource_not_found: 422,
  load_balancer_not_attached_to_network: 422,
  server_not_attached_to_network: 422,
  locked: 423,
  protected: 423,
  rate_limit_exceeded: 429,
  server_error: 500,
  service_error: 500,
} as const;

/** @example "uniqueness_error" */
export type ErrorCode = keyof typeof STATUS;

/** An error answer in Hetzner's form: `{"error": {"code", "message", "details"}}`. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly details: object | null;

  constructor(code: ErrorCode, message: string, details: object | null = null) {
    super(message);
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return STATUS[this.code];
  }

  get body(): object {
    return { error: { code: this.code, message: this.message, details: this.details } };
  }
}

/** Hetzner's error for one invalid field. @example invalid("name", "must be unique") */
export const invalid = (field: string, ...messages: string[]): ApiError =>
  new ApiError("invalid_input", `invalid input in field '${field}'`, { fields: [{ name: field, messages }] });

/** @example notFound("server", 42) */
export const notFound = (what: string, id: number | string): ApiError =>
  new ApiError("not_found", `${what} with ID '${id}' not found`);
