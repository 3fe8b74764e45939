/** `inference-gap check`: what a workload asks and what is answered, before any load. The first thing to run with a new workload. */
import { CouldNotMeasure } from '../build/failure.ts'
import { percentInWords } from '../gap/percent.ts'
import { type CheckedSide, type CheckReport, checkReport } from '../report/check.ts'
import { type Asker, type Reply, withAsker } from '../targets/asker.ts'
import { type AskedSide, answersOf, atKey, differences, refusedBy, sample } from '../targets/parity.ts'
import { difference } from '../workload/answers.ts'
import { batchOf } from '../workload/batch.ts'
import type { Answer, AnyKey, Compare } from '../workload/workload.ts'
import { exitCode } from './exit-codes.ts'
import { type GivenTargets, predictingSides, readTargets, type Targets, withTargets } from './targets.ts'

export type CheckOptions = GivenTargets

const count = 10
/** Keys are the same in each run. */
const seed = 1

interface Checked extends CheckedSide {
  answers: Answer[]
  threads: Awaited<ReturnType<Asker['threads']>>
}

/** Of differences, the first few. */
const mostDifferences = 5

/** @throws {CouldNotMeasure} naming the side, the key, what came and the next step */
async function ask(asked: AskedSide, keys: AnyKey[], targets: Targets): Promise<Checked> {
  const { side, address } = asked
  const { signal } = targets.asked
  try {
    return await withAsker(side, address, targets.asked, async (asker) => {
      const replies: Reply[] = []
      for (const key of keys)
        replies.push(
          await asker.ask(key).catch((error) => {
            throw error instanceof CouldNotMeasure ? error : atKey(key, error)
          }),
        )
      return {
        ...{ name: side.name, protocol: side.protocol.toUpperCase(), address: String(address) },
        answers: replies.flatMap(({ answers }) => answers),
        replies: replies.map(({ question, answers: [answer], ms }) => ({
          question,
          answer: JSON.stringify(answer),
          ms,
        })),
        kept: await asker.kept(),
        threads: await asker.threads(),
      }
    })
  } catch (error) {
    signal?.throwIfAborted()
    throw refusedBy(asked, error)
  }
}

const remarksOf = (sides: readonly Checked[], { asked }: Targets): string[] =>
  sides.flatMap(({ name, threads }) =>
    [asked.askedAgain?.get(name), threads?.remark ?? threads?.words].flatMap((remark) =>
      remark ? [`${name}: ${remark}`] : [],
    ),
  )

const percent = (share: number) => percentInWords(share, 2)

function compared(sides: Checked[], keys: AnyKey[], compare: Compare): CheckReport['compared'] {
  const last = sides.at(-1)
  if (!last || sides.length < 2)
    return [{ text: 'there is one side, so that nothing is compared', holds: true }]
  if (compare === false) return [{ text: 'the workload says that answers are not compared', holds: true }]
  return sides.slice(0, -1).map(({ name, answers }) => {
    const pairs = answers.map((answer, index) => [answer, last.answers[index] as Answer] as const)
    const different = differences(keys, [name, answers], [last.name, last.answers], compare)
    const largest = Math.max(...pairs.map(([a, b]) => difference(a, b)))
    const by =
      largest > 0 && Number.isFinite(largest) ? `; they differ by ${percent(largest)} at the most` : ''
    return {
      text: `${name} and ${last.name} answer ${pairs.length - different.length} of ${pairs.length} keys alike${by}`,
      holds: different.length === 0,
      different: different.slice(0, mostDifferences),
    }
  })
}

/** A side that takes several keys at once answers all of them as it did one by one. */
async function comparedAtOnce(
  { side, address }: AskedSide,
  answers: Answer[],
  keys: AnyKey[],
  { workload: { compare }, asked }: Targets,
): Promise<CheckReport['compared']> {
  if (!side.batch || compare === false) return []
  const together = batchOf(side, keys.length)
  const atOnce = await answersOf({ side: together, address }, [keys], asked)
  const different = differences(keys, [together.name, atOnce], [side.name, answers], compare)
  return [
    {
      text: `${side.name} answers ${keys.length - different.length} of ${keys.length} keys at once as it does one by one`,
      holds: different.length === 0,
      different: different.slice(0, mostDifferences),
    },
  ]
}

export async function check(options: CheckOptions, signal: AbortSignal): Promise<number> {
  const read = await readTargets(options)
  return withTargets(read, signal, (targets) => checkOf(targets), { forLoad: false })
}

async function checkOf(targets: Targets): Promise<number> {
  const keys = sample(targets.keys, count, seed)
  const sides: Checked[] = []
  const report = (compared: CheckReport['compared']) =>
    process.stdout.write(
      `${checkReport({ workload: targets.workload.name, keys: targets.keys.length, sides, compared, remarks: remarksOf(sides, targets) })}\n`,
    )
  for (const side of predictingSides(targets)) {
    try {
      sides.push(await ask(side, keys, targets))
    } catch (error) {
      // What the sides before it have answered is worth knowing all the same.
      if (sides.length > 0) report([])
      throw error
    }
  }
  const result = compared(sides, keys, targets.workload.compare)
  try {
    for (const [index, side] of predictingSides(targets).entries())
      result.push(...(await comparedAtOnce(side, sides[index]?.answers ?? [], keys, targets)))
  } finally {
    report(result)
  }
  if (result.every(({ holds }) => holds)) return exitCode.pass
  throw new CouldNotMeasure(
    'The sides do not answer alike, so that a comparison would mean nothing',
    'Both must have the same model and the same features; where answers may differ, say so by `compare` in the workload',
  )
}
