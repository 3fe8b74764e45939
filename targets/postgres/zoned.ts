/** Text with times in it, as Postgres would write it if the session's TimeZone were UTC; extension-sql/pgxdriver/zoned.go is the same of k6. */
import { utcTime } from './timestamp.ts'

export interface Zoned {
  /** What its text holds: of an array its elements, of a range or multirange its bounds, of a composite its attributes; none: a time. */
  parts: readonly (Zoned | undefined)[]
  isArray: boolean
}

/** A sign, a value in quotes, or one without: where a sign belongs to a value, the value stands in quotes. */
const pieces = /[[\](){},]|"((?:[^"\\]|\\.|"")*)"|[^[\](){},"]+/gs

/** @param of undefined where there is no time in it */
export function inUTC(of: Zoned | undefined, text: string): string {
  if (!of) return text
  const { parts, isArray } = of
  if (parts.length === 0) return utcTime(text)
  let at = 0
  return text.replace(pieces, (piece: string, quoted?: string) => {
    if (piece === ',') at++
    const part = parts[Math.min(at, parts.length - 1)]
    if (quoted === undefined) return inUTC(part, piece)
    const written = inUTC(
      part,
      quoted.replace(/\\(.)|""/gs, (_, escaped = '"') => escaped),
    )
    return `"${isArray ? written.replace(/[\\"]/g, '\\$&') : written.replace(/[\\"]/g, '$&$&')}"`
  })
}
