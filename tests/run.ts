/**
 * Runs the suites and prints a line of counts for each. Arguments name the suites to run; none: all of them.
 * A suite that could not run at all counts as one failure.
 */
import { Failure, messageOf } from '../build/failure.ts'
import { locked } from '../build/lock.ts'
import { codeOfError } from '../cli/exit-codes.ts'
import { Interrupted, interruptible } from '../cli/interrupt.ts'
import { show } from '../cli/progress.ts'
import { packagesOfTraining, setupSteps } from '../cli/setup.ts'
import { type Counts, type Say, type Suite, suites } from './suites.ts'

interface Ran {
  /** Its counts, for people. */
  line: string
  /** What failed in it, one by one. */
  failures: string[]
  isRed: boolean
}

/** What is wrong, or where this program itself is. */
const wordsOf = (error: unknown) =>
  error instanceof Failure ? error.text : ((error as Error).stack ?? messageOf(error))

async function runSuite(name: string, suite: Suite, signal: AbortSignal, say: Say): Promise<Ran> {
  say(`\n── ${name} ${'─'.repeat(70 - name.length)}\n`)
  const started = performance.now()
  let counts: Counts
  try {
    counts = await suite(signal, say)
  } catch (error) {
    signal.throwIfAborted()
    say(`${wordsOf(error)}\n`)
    counts = { passed: 0, failed: 1, failures: [messageOf(error)] }
  }
  const { passed, failed, failures = [], notRun } = counts
  const line = notRun ? `${name}: not run, ${notRun}` : `${name}: ${passed} passed, ${failed} failed`
  say(`${line} (${((performance.now() - started) / 1000).toFixed(0)} s)\n`)
  // A suite without a single test has not shown anything.
  return {
    line,
    failures: failures.map((each) => `${name}: ${each}`),
    isRed: failed > 0 || (passed === 0 && !notRun),
  }
}

/** The first one says what it does as it goes; what the others say is told when all have ended. */
async function runAtOnce(group: [string, Suite][], signal: AbortSignal): Promise<Ran[]> {
  const kept: Parameters<Say>[0][][] = group.map(() => [])
  const onTerminal: Say = (text) => void process.stdout.write(text)
  const ended = await Promise.allSettled(
    group.map(([name, suite], at) =>
      runSuite(name, suite, signal, at === 0 ? onTerminal : (text) => void kept[at]?.push(text)),
    ),
  )
  for (const text of kept.flat()) onTerminal(text)
  return ended.map((each) => {
    if (each.status === 'rejected') throw each.reason
    return each.value
  })
}

async function runAll(names: string[], signal: AbortSignal): Promise<number> {
  // The suites that start the command line leave the lock to it.
  await locked(() => show([...setupSteps(signal), packagesOfTraining(signal)]))
  const all: Ran[] = []
  for (const group of suites)
    all.push(
      ...(await runAtOnce(
        Object.entries(group).filter(([name]) => names.length === 0 || names.includes(name)),
        signal,
      )),
    )
  // Last of all, so that the end of a long log says what to look for in it.
  const failures = all.flatMap((ran) => ran.failures)
  const told = [...all.map(({ line }) => line), ...(failures.length > 0 ? ['', 'failed:', ...failures] : [])]
  process.stdout.write(`\n${told.join('\n')}\n`)
  return all.some(({ isRed }) => isRed) ? 1 : 0
}

export async function main(names: string[]): Promise<number> {
  const known = suites.flatMap((group) => Object.keys(group))
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    process.stderr.write(`no such suite: ${unknown.join(', ')}; there are ${known.join(', ')}\n`)
    return 2
  }
  try {
    return await interruptible((signal) => runAll(names, signal))
  } catch (error) {
    if (!(error instanceof Interrupted)) process.stderr.write(`\n${wordsOf(error)}\n`)
    return codeOfError(error)
  }
}
