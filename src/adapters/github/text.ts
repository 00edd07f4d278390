/** Whether two texts are one to GitHub, which keeps line breaks in its own way and drops white space at the end. */
export function isSameText(one: string, two: string): boolean {
  const plain = (text: string) => text.replaceAll("\r\n", "\n").trimEnd();
  return plain(one) === plain(two);
}
