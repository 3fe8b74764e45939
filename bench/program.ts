/** What each of these programs begins and ends by. */
import { BadInput, Failure } from '../build/failure.ts'
import { codeOfError, exitCode } from '../cli/exit-codes.ts'
import { Interrupted, interruptible } from '../cli/interrupt.ts'

/** @throws {BadInput} which names the flag */
export function wholeNumber(flag: string, given: string): number {
  const value = Number(given)
  if (Number.isInteger(value) && value >= 1) return value
  throw new BadInput(`--${flag}: '${given}'; expected whole numbers of at least 1`)
}

/** @param settings absent: only the usage was asked for */
export async function withSettings<Settings>(
  usage: string,
  settings: Settings | undefined,
  work: (settings: Settings) => Promise<number>,
): Promise<number> {
  if (settings !== undefined) return work(settings)
  process.stdout.write(usage)
  return exitCode.pass
}

/** Its exit code is the process'; what is wrong is told in words, a signal by what was ended. */
export async function runProgram(main: (signal: AbortSignal) => Promise<number>): Promise<void> {
  try {
    process.exitCode = await interruptible(main)
  } catch (error) {
    process.exitCode = codeOfError(error)
    if (error instanceof Failure) process.stderr.write(`${error.text}\n`)
    else if (!(error instanceof Interrupted)) throw error
  }
}
