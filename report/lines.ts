/** Lines for the terminal, within 80 columns. */
import type { Premise } from '../gap/premises.ts'
import type { Outcome } from '../gap/verdict.ts'
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

/** Broken at spaces, further lines under the first. */
export function wrapped(text: string, width: number, indent: number): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.join(`\n${' '.repeat(indent)}`)
}

/** A name and what there is to say of it, a line each. */
export const facts = (entries: [string, string][]) =>
  entries.map(([name, value]) => `  ${name.padEnd(12)}${wrapped(value, 66, 14)}`).join('\n')

/** What to do, below what it is about. */
export const nextLine = (next: string | undefined) => (next ? `\n    → ${wrapped(next, 72, 6)}` : '')

export const premiseLines = (premises: readonly Premise[]) =>
  premises.map(
    (premise) =>
      `  ${premise.holds ? colour.green('✓') : colour.red('✗')} ${wrapped(`${premise.name}: ${seenInWords(premise)}`, 74, 4)}${nextLine(premise.next)}`,
  )

export const failureLines = (failures: readonly ShownFailure[]) =>
  failures.map((each) => `  ${colour.red('✗')} ${wrapped(failureInWords(each), 74, 4)}${nextLine(each.next)}`)
