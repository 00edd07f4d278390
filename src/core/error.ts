/** A mistake of the person who wrote a file or a command; its message is the reply. Everything else that is thrown is our bug. */
export class UserError extends Error {
  override readonly name = "UserError";
}
