/** What stands between the values of a CSV. */

const delimiters = [',', '\t', ';', '|']

/** @param head the first line, with the names: what occurs there the most is between the values */
export function delimiterOf(head: string): string {
  // A name in quotes may hold any of them.
  const between = head.replace(/"(?:[^"]|"")*"/g, '')
  const count = (delimiter: string) => between.split(delimiter).length
  return delimiters.reduce((one, other) => (count(other) > count(one) ? other : one))
}
