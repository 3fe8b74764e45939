/** Values as scripts get them from our driver (extension-sql/README.md), so that Node reads an answer as k6 does. */
import { types } from 'pg'

const int8 = 20
const numeric = 1700
const float4 = 700

/** A number where its shortest decimals are the ones that the server sent (but for zeros at the end), else the text: no digit is lost. */
function exactly(text: string): number | string {
  const plain = text.includes('.') ? text.replace(/\.?0+$/, '') : text
  const value = Number(text)
  return String(value) === plain ? value : text
}

const own: Record<number, (text: string) => unknown> = {
  [int8]: exactly,
  [numeric]: exactly,
  [float4]: (text) => Math.fround(Number(text)),
}

/** For a query's `types`. */
export const scriptTypes = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && own[oid]) ||
    types.getTypeParser(oid, format as 'text')) as typeof types.getTypeParser,
}
