/** A gate that has looked at nothing: a file of thresholds was named, and none of its bounds says anything of what was measured. */
import { shown } from '../build/paths.ts'
import type { Thresholds } from '../gap/bounds.ts'
import { exitCode } from './exit-codes.ts'

/** Each bound is a number; another one says for how many clients bounds are. */
const hasBound = (of: unknown): boolean =>
  typeof of === 'object' &&
  of !== null &&
  Object.entries(of).some(([name, each]) => (typeof each === 'number' ? name !== 'clients' : hasBound(each)))

/** What it was that was judged, and by what. */
export interface Judged {
  /** Bounds that were judged, and changes against the baseline. */
  judged: number
  /** As the verdict has it. */
  code: number
  thresholds: Thresholds
  /** The file that was named; absent: it is nobody's wish that just these are judged. */
  named: string | undefined
  /** What was measured, as the message names it. */
  of: string
}

/** Whoever names a file without a bound expects nothing. @returns the exit code; where nothing was judged it is told */
export function codeOfJudged({ judged, code, thresholds, named, of }: Judged): number {
  const isOpen = code === exitCode.pass || code === exitCode.undecided
  if (named === undefined || judged > 0 || !isOpen || !hasBound(thresholds)) return code
  process.stderr.write(
    `--thresholds ${shown(named)}: no bound in it is about what ${of} has measured, so that nothing has passed\n  → Name bounds of its sides and numbers of clients, or leave --thresholds out\n`,
  )
  return exitCode.undecided
}
