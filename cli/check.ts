/** `inference-gap check`: what a workload asks and what is answered, before any load. The first thing to run with a new workload. */
import { CouldNotMeasure, messageOf } from '../build/failure.ts'
import { type CheckedSide, type CheckReport, checkReport } from '../report/check.ts'
import { withAsker } from '../targets/asker.ts'
import { NoAnswer } from '../targets/http.ts'
import { type AskedSide, sample } from '../targets/parity.ts'
import { difference, isSame } from '../workload/answers.ts'
import type { Answer, AnyKey, Compare } from '../workload/workload.ts'
import { exitCode } from './exit-codes.ts'
import { type GivenTargets, predictingSides, readTargets, type Targets, withTargets } from './targets.ts'

export type CheckOptions = GivenTargets

const count = 10
/** Keys are the same in each run. */
const seed = 1

interface Checked extends CheckedSide {
  answers: Answer[]
}

async function ask({ side, address }: AskedSide, keys: AnyKey[], { asked }: Targets): Promise<Checked> {
  const own = { name: side.name, protocol: side.protocol.toUpperCase(), address: String(address) }
  let at: AnyKey
  try {
    return await withAsker(side, address, asked, async (asker) => {
      const replies = []
      for (const key of keys) {
        at = key
        replies.push(await asker.ask(key))
      }
      return {
        ...own,
        answers: replies.map(({ answer }) => answer),
        replies: replies.map(({ question, answer, ms }) => ({
          question,
          answer: JSON.stringify(answer),
          ms,
        })),
        kept: await asker.kept(),
      }
    })
  } catch (error) {
    asked.signal?.throwIfAborted()
    if (error instanceof CouldNotMeasure) throw error
    const key = at === undefined ? '' : `, key ${JSON.stringify(at).slice(0, 200)}`
    throw new CouldNotMeasure(
      `${side.name} at ${address}${key}: ${error instanceof NoAnswer ? error.reason : messageOf(error)}`,
      `Correct the side ${side.name} in the workload, or its address in ${side.address}`,
    )
  }
}

const percent = (share: number) => `${Number((share * 100).toPrecision(2))} %`

function compared(sides: Checked[], compare: Compare): CheckReport['compared'] {
  const last = sides.at(-1)
  if (!last || sides.length < 2)
    return [{ text: 'there is one side, so that nothing is compared', holds: true }]
  if (compare === false) return [{ text: 'the workload says that answers are not compared', holds: true }]
  return sides.slice(0, -1).map(({ name, answers }) => {
    const pairs = answers.map((answer, index) => [answer, last.answers[index] as Answer] as const)
    const same = pairs.filter(([a, b]) => isSame(a, b, compare)).length
    const largest = Math.max(...pairs.map(([a, b]) => difference(a, b)))
    const by =
      largest > 0 && Number.isFinite(largest) ? `; they differ by ${percent(largest)} at the most` : ''
    return {
      text: `${name} and ${last.name} answer ${same} of ${pairs.length} keys alike${by}`,
      holds: same === pairs.length,
    }
  })
}

export async function check(options: CheckOptions, signal: AbortSignal): Promise<number> {
  const read = await readTargets(options)
  return withTargets(read, signal, async (targets) => {
    const keys = sample(targets.keys, count, seed)
    const sides: Checked[] = []
    for (const side of predictingSides(targets)) sides.push(await ask(side, keys, targets))
    const result: CheckReport = {
      workload: targets.workload.name,
      keys: targets.keys.length,
      sides,
      compared: compared(sides, targets.workload.compare),
    }
    process.stdout.write(`${checkReport(result)}\n`)
    if (result.compared.every(({ holds }) => holds)) return exitCode.pass
    throw new CouldNotMeasure(
      'The sides do not answer alike, so that a comparison would mean nothing',
      'Both must have the same model and the same features; where answers may differ, say so by `compare` in the workload',
    )
  })
}
