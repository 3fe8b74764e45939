/** Parts of Markdown for summaries. */
import type { Premise } from '../gap/premises.ts'
import type { Outcome } from '../gap/verdict.ts'
import { visible } from '../workload/shortened.ts'
import { failureHead, type ShownFailure, seenInWords } from './failures.ts'

/** Text of targets and machines cannot become markup: neither a cell's end nor HTML nor a link. */
export const plain = (text: string) =>
  visible(text.replace(/\s+/g, ' '))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\|`*_[\]]/g, '\\$&')

export function markdownTable(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join(
    '\n',
  )
}

export const mark: Record<Outcome, string> = {
  pass: '✅ holds',
  fail: '❌ crossed',
  undecided: '❔ undecided',
}

/** A quote for each premise that is broken. */
export const brokenInMarkdown = (premises: readonly Premise[]) =>
  premises
    .filter(({ holds }) => !holds)
    .map(
      (premise) =>
        `> ❌ A premise is broken, so the figures mean nothing: ${plain(premise.name)}: ${plain(seenInWords(premise))}${premise.next ? ` → ${plain(premise.next)}` : ''}`,
    )

export const failuresTable = (failures: readonly ShownFailure[]) =>
  markdownTable(
    failureHead,
    failures.map((each) => Object.values(each).map(plain)),
  )
