/** Arrays as Postgres writes them: {1,NULL,"quoted \"text\"",{nested}}, after bounds that it may have. */

export type ArrayOf<T> = (T | null | ArrayOf<T>)[]

/** A value without quotes, or within them. */
const element = (delimiter: string) => new RegExp(`"((?:[^"\\\\]|\\\\.)*)"|[^${delimiter}{}"]+`, 'sy')

/** @param delimiter between the elements: a comma, for boxes a semicolon */
export function readArray<T>(text: string, delimiter: string, read: (text: string) => T): ArrayOf<T> {
  const outermost: ArrayOf<T> = []
  const open = [outermost]
  const next = element(delimiter)
  for (let at = text.startsWith('[') ? text.indexOf('=') + 1 : 0; at < text.length; ) {
    const sign = text[at]
    if (sign === '{') {
      const inner: ArrayOf<T> = []
      open.at(-1)?.push(inner)
      open.push(inner)
    } else if (sign === '}') open.pop()
    else if (sign !== delimiter) {
      next.lastIndex = at
      const found = next.exec(text)
      if (!found) break
      const [whole, quoted] = found
      const value = quoted === undefined ? whole : quoted.replace(/\\(.)/gs, '$1')
      open.at(-1)?.push(quoted === undefined && whole === 'NULL' ? null : read(value))
      at += whole.length
      continue
    }
    at++
  }
  const [array] = outermost
  if (!Array.isArray(array) || outermost.length > 1 || open.length > 1) throw new Error(`${text} is no array`)
  return array
}
