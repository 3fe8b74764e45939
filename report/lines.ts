/** Lines for the terminal, within 80 columns. */
import type { Premise } from '../gap/premises.ts'
import type { Outcome } from '../gap/verdict.ts'
import { inOneLine } from '../workload/shortened.ts'
import { colour } from './colour.ts'
import { failureInWords, type ShownFailure, seenInWords } from './failures.ts'

export const mark: Record<Outcome, string> = {
  pass: colour.green('✓ holds'),
  fail: colour.red('✗ crossed'),
  undecided: colour.yellow('? undecided'),
}

/** @param what is below it, in brackets behind it */
export const heading = (text: string, what?: string) =>
  `\n${colour.bold(text)}${what === undefined ? '' : colour.dim(`  (${what})`)}`

/** Broken at spaces, further lines under the first. @param text may be someone else's, without colours */
export function wrapped(text: string, width: number, indent: number): string {
  const lines: string[] = []
  for (const word of inOneLine(text).split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.join(`\n${' '.repeat(indent)}`)
}

/** Of names of facts: longer ones of a user's have no column of their own. */
const [narrow, wide] = [10, 38]

/** A name and what there is to say of it, a line each. */
export function facts(entries: [string, string][]): string {
  const longest = Math.max(...entries.map(([name]) => name.length))
  const width = Math.min(Math.max(narrow, longest), wide)
  return entries
    .map(([name, value]) => `  ${name.padEnd(width)}  ${wrapped(value, 76 - width, 4 + width)}`)
    .join('\n')
}

/** What to do, below what it is about. */
export const nextLine = (next: string | undefined) => (next ? `\n    → ${wrapped(next, 72, 6)}` : '')

export const premiseLines = (premises: readonly Premise[]) =>
  premises.map(
    (premise) =>
      `  ${premise.holds ? colour.green('✓') : colour.red('✗')} ${wrapped(`${premise.name}: ${seenInWords(premise)}`, 74, 4)}${nextLine(premise.next)}`,
  )

export const failureLines = (failures: readonly ShownFailure[]) =>
  failures.map((each) => `  ${colour.red('✗')} ${wrapped(failureInWords(each), 74, 4)}${nextLine(each.next)}`)
