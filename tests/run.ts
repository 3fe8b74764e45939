/**
 * Runs the suites and prints a line of counts for each. Arguments name the suites to run; none: all of them.
 * A suite that could not run at all counts as one failure.
 */
import { Failure, messageOf } from '../build/failure.ts'
import { locked } from '../build/lock.ts'
import { codeOfError } from '../cli/exit-codes.ts'
import { interruptible } from '../cli/interrupt.ts'
import { show } from '../cli/progress.ts'
import { setupSteps } from '../cli/setup.ts'
import { type Counts, suites } from './suites.ts'

async function runAll(names: string[], signal: AbortSignal): Promise<number> {
  // The suites that start the command line leave the lock to it.
  await locked(() => show(setupSteps(signal)))
  const lines: string[] = []
  let red = false
  for (const [name, suite] of Object.entries(suites)) {
    if (names.length > 0 && !names.includes(name)) continue
    process.stdout.write(`\n── ${name} ${'─'.repeat(70 - name.length)}\n`)
    const started = performance.now()
    let counts: Counts
    try {
      counts = await suite(signal)
    } catch (error) {
      signal.throwIfAborted()
      process.stdout.write(
        `${error instanceof Failure ? error.text : ((error as Error).stack ?? messageOf(error))}\n`,
      )
      counts = { passed: 0, failed: 1 }
    }
    // A suite without a single test has not shown anything.
    if (counts.failed > 0 || (counts.passed === 0 && !counts.notRun)) red = true
    lines.push(
      counts.notRun
        ? `${name}: not run, ${counts.notRun}`
        : `${name}: ${counts.passed} passed, ${counts.failed} failed`,
    )
    process.stdout.write(`${lines.at(-1)} (${((performance.now() - started) / 1000).toFixed(0)} s)\n`)
  }
  process.stdout.write(`\n${lines.join('\n')}\n`)
  return red ? 1 : 0
}

export async function main(names: string[]): Promise<number> {
  const unknown = names.filter((name) => !(name in suites))
  if (unknown.length > 0) {
    process.stderr.write(
      `no such suite: ${unknown.join(', ')}; there are ${Object.keys(suites).join(', ')}\n`,
    )
    return 2
  }
  try {
    return await interruptible((signal) => runAll(names, signal))
  } catch (error) {
    process.stderr.write(
      `\n${error instanceof Failure ? error.text : ((error as Error).stack ?? messageOf(error))}\n`,
    )
    return codeOfError(error)
  }
}
