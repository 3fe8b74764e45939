/** Every exit code of the command line, and what each means to whoever waits for it. */
import { BadInput, CouldNotMeasure, Failure } from '../build/failure.ts'
import type { RunOutcome } from '../gap/verdict.ts'
import { Interrupted } from './interrupt.ts'

export const exitCode = {
  /** Every threshold holds. */
  pass: 0,
  /** A defect of this program; it prints its stack. */
  defect: 1,
  /** A flag, a variable or a file does not fit; nothing was started. */
  badInput: 2,
  /** No trustworthy figure: a target is down, the targets predict differently, k6 failed, a premise is broken. */
  couldNotMeasure: 3,
  /** The set-up failed: something is missing, a download or a build did not work. */
  setUp: 4,
  /** No threshold is crossed, but an interval is too wide to say that all hold, or none is about what was measured. */
  undecided: 98,
  /** A threshold is crossed; k6's own code. */
  crossed: 99,
  /** Ended by SIGHUP: the terminal is gone. */
  hungUp: 129,
  /** Ended by Ctrl-C (SIGINT). */
  interrupted: 130,
  /** Ended by SIGTERM. */
  terminated: 143,
} as const

/** As the help of a command that judges has them. */
export const aboutExit = `
Exit codes:
  0    every threshold holds
  1    a defect of this program
  2    a flag, a variable or a file does not fit
  3    could not measure: a target is down, they predict differently, a premise is broken
  4    the set-up failed
  98   undecided: no threshold is crossed, but an interval is too wide to judge, or no
       bound is about what was measured
  99   a threshold is crossed, or a gap has regressed
  130  ended by Ctrl-C (143: by SIGTERM, 129: by SIGHUP)`

export function codeOf(outcome: RunOutcome): number {
  return {
    pass: exitCode.pass,
    fail: exitCode.crossed,
    undecided: exitCode.undecided,
    'could not measure': exitCode.couldNotMeasure,
  }[outcome]
}

export function codeOfError(error: unknown): number {
  if (error instanceof Interrupted) return error.exitCode
  if (error instanceof BadInput) return exitCode.badInput
  if (error instanceof CouldNotMeasure) return exitCode.couldNotMeasure
  if (error instanceof Failure) return exitCode.setUp
  return exitCode.defect
}
