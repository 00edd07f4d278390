/** A move failed at or after its merge: the tracked branch may have it. The cause is what was thrown. */
export class MayHaveLanded extends Error {
  override readonly name = "MayHaveLanded";
}
