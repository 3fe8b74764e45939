/** What in a value is not as it must be, in the same words wherever it is found. */
import { shortened, visible } from './shortened.ts'
import type { Misfit } from './workload.ts'

export type { Misfit }

/** Messages tell no more than so many. */
export const mostMisfits = 5

/** `gap.minTpsRatio`, `[3][0]` */
export const inPath = (path: PropertyKey[]): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    const name = visible(String(part))
    const short = name.length > 60 ? `${name.slice(0, 60)}…` : name
    return text ? `${text}.${short}` : short
  }, '') || '(the whole file)'

export const inWords = ({ path, value, expected }: Misfit): string =>
  `${inPath(path)}${value === undefined ? ' is missing' : ` = ${shortened(value)}`}: ${expected}`

/** A line for each of the first few. */
export function inLines(misfits: readonly Misfit[], more = 0): string {
  const lines = misfits.slice(0, mostMisfits).map((one) => `  - ${inWords(one)}`)
  const left = misfits.length - lines.length + more
  return [...lines, ...(left > 0 ? [`  - and ${left} more`] : [])].join('\n')
}
