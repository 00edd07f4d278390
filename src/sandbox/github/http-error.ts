export type FieldError = {
  readonly resource: string;
  readonly code: string;
  readonly field?: string;
  readonly message?: string;
};

export type ErrorDetails = {
  readonly docs?: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
};

/** A refusal in GitHub's words; the server turns it into the answer. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  readonly details: ErrorDetails;

  constructor(status: number, message: string, details: ErrorDetails = {}) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

/** The JSON body of a refusal. */
export function errorBody({ status, message, details: { docs, errors } }: HttpError): object {
  return {
    message,
    ...(errors === undefined ? {} : { errors }),
    documentation_url: `https://docs.github.com/${docs ?? "rest"}`,
    status: String(status),
  };
}

/** 404: absent, or not to be seen by who asks; GitHub does not tell the two apart. */
export function notFound(): HttpError {
  return new HttpError(404, "Not Found");
}

/** 422 "Validation Failed" with its list of faults. */
export function invalid(...errors: readonly FieldError[]): HttpError {
  return new HttpError(422, "Validation Failed", { errors });
}
