/** Several keys asked at once, by how many: what is looked at and compared before the load, and what the load shows. */
import { BadInput, CouldNotMeasure } from '../build/failure.ts'
import { type LoadedWorkload, queryText } from '../build/workload.ts'
import { type BatchRow, batchRows } from '../gap/batches.ts'
import { figuresOf } from '../gap/figures.ts'
import type { Measurement } from '../gap/measurement.ts'
import type { Folder } from '../report/results.ts'
import { type AskedSide, answersOf, differences, sample } from '../targets/parity.ts'
import { batchOf, NoBatch, questionAt } from '../workload/batch.ts'
import { inLines } from '../workload/misfit.ts'
import { misfitsOfQuestions } from '../workload/questions.ts'
import { allSides } from '../workload/resolve.ts'
import type { Answer } from '../workload/workload.ts'
import { show } from './progress.ts'
import { type SessionSettings, Sessions } from './sessions.ts'
import { predictingSides, type Targets } from './targets.ts'

export interface Batches {
  rows: BatchRow[]
  measurement: Measurement
  /** Keys of each size whose answers were compared with those to single questions. */
  compared: number
}

/** Keys that are asked for one by one and several at once, for each size. */
const keysCompared = 200

/** Each side as declared, asked for so many keys at once. @throws {BadInput} naming a side that cannot be */
function batchesOf(sides: readonly AskedSide['side'][], size: number) {
  try {
    return sides.map((side) => batchOf(side, size))
  } catch (error) {
    if (!(error instanceof NoBatch)) throw error
    throw new BadInput(
      `--batch ${size}: ${error.side} has no batch, so it cannot be asked for several keys at once`,
      `Write in the side, with a query or a path of its own: ${error.form} (docs/workload.md, "Several keys at once")`,
    )
  }
}

/** The number of clients to which all sides together serve the most single keys. */
export function busiestOf({ workload }: Targets, measurement: Measurement): number {
  const served = (clients: number) =>
    allSides(workload).reduce(
      (product, side) => product * (figuresOf(measurement, side, clients)?.tps ?? 0),
      1,
    )
  return measurement.settings.clients.reduce((one, other) => (served(other) > served(one) ? other : one))
}

/** What the user wrote, before anything is started. @throws {BadInput} */
export function checkBatches({ sides }: LoadedWorkload, sizes: readonly number[]): void {
  for (const size of sizes) batchesOf(sides, size)
}

/** Once the keys are known. @throws {BadInput} */
function checkQuestions({ workload, keys }: Targets, sizes: readonly number[]): void {
  const most = Math.max(...sizes)
  if (most > keys.length)
    throw new BadInput(
      `--batch ${most}: there are ${keys.length} keys; expected at most as many at once`,
      'Ask for fewer at once, or give more keys',
    )
  for (const size of sizes) {
    const misfits = misfitsOfQuestions(batchesOf(workload.sides, size), keys, ({ query }) =>
      queryText(query, workload.texts),
    )
    if (misfits.length > 0)
      throw new BadInput(
        `--batch ${size}: the workload makes no question of some keys:\n${inLines(misfits)}`,
        "Correct the side's batch, or the keys",
      )
  }
}

interface Said {
  name: string
  answers: Answer[]
}

/** Each side answers several keys as it answers them one by one, and as the last side does. */
async function compareAnswers(targets: Targets, sizes: readonly number[], seed: number): Promise<number> {
  const { keys, asked, workload } = targets
  const sides = predictingSides(targets)
  let compared = 0
  for (const size of sizes) {
    const places = sample([...keys.keys()], Math.max(1, Math.floor(keysCompared / size)), seed)
    const questions = places.map((at) => questionAt(keys, at, size))
    const single = questions.flat(1)
    const said: Said[] = []
    for (const { side, address } of sides) {
      const batch = batchOf(side, size)
      const one = { name: side.name, answers: await answersOf({ side, address }, single, asked) }
      const many = { name: batch.name, answers: await answersOf({ side: batch, address }, questions, asked) }
      refuseDifferent(single, many, one, workload.compare)
      said.push(many)
    }
    const last = said.at(-1)
    for (const each of said) if (last && each !== last) refuseDifferent(single, each, last, workload.compare)
    compared += single.length
  }
  return compared
}

/** @throws {CouldNotMeasure} showing the first keys that are not answered alike */
function refuseDifferent(
  keys: readonly unknown[],
  one: Said,
  other: Said,
  compare: LoadedWorkload['compare'],
): void {
  // Answers that may not be compared are of the declared kind, and as many as keys.
  if (compare === false) return
  const found = differences(keys, [one.name, one.answers], [other.name, other.answers], compare)
  if (found.length > 0)
    throw new CouldNotMeasure(
      `${one.name} and ${other.name} do not answer the same to ${found.length} of ${keys.length} keys\n${found.slice(0, 5).join('\n')}`,
      'Answers to several keys must stand in the order of the keys: in SQL, number them by unnest(…) WITH ORDINALITY and order by that',
    )
}

/**
 * All sides at all sizes take turns, so that drift hits all alike.
 * @param sizes how many keys at once, each above 0 and once
 * @param settings with one number of clients, or several
 * @throws {BadInput} where a side has no batch, or there are fewer keys
 */
export async function measureBatches(
  sizes: readonly number[],
  settings: Omit<SessionSettings, 'sides' | 'beside' | 'rate'>,
  targets: Targets,
  left: Folder,
  signal: AbortSignal,
): Promise<Batches> {
  checkQuestions(targets, sizes)
  const compared = await show.one(
    'Compare answers to several keys with those to single ones',
    async (tell) => {
      const found = await compareAnswers(targets, sizes, settings.seed)
      tell(`${found} keys`)
      return found
    },
  )
  const names = predictingSides(targets).map(({ side }) => side.name)
  const sides = sizes.flatMap((size) => names.map((name) => `${name}:batch${size}`))
  const sessions = new Sessions({ ...settings, sides, name: 'batches, ' }, targets, left, signal)
  try {
    const measurement = await sessions.measure()
    return { rows: batchRows(measurement), measurement, compared }
  } finally {
    await sessions.stop()
  }
}
