/** Features that change under load: what latency becomes, and how old an answer can be. */
import { median, quantileSorted } from 'simple-statistics'
import { neither } from '../workload/changes.ts'
import { agesOf, latenciesOf, type Stretch } from './changes.ts'
import { grouped } from './grouped.ts'
import { type Ratio, ratioOf } from './ratio.ts'

export interface WritesRow {
  key: string
  clients: number
  /** Writes a second that were due, and that were made. */
  due: number
  made: number
  /** Answers a second. */
  tps: number
  p50Ms: number
  p99Ms: number
  /** Of a write, as far as whoever orders it is told; absent where there was none. */
  writeMs?: number
  /** Round by round, those at the first number of writes being what the others are divided by; absent for that itself. */
  p50Ratio?: Ratio
  p99Ratio?: Ratio
  /** Since what the oldest answer tells was replaced for certain, when it came: milliseconds. */
  oldestMs: number
  /** Answers to questions that were asked after what they tell was replaced for certain. */
  stale: number
  answers: number
  /** Of a state that its key was not in. */
  neither: number
  failed: number
}

function figuresOf(answers: Stretch['answers']) {
  const took = latenciesOf(answers).sort((a, b) => a - b)
  return { p50: quantileSorted(took, 0.5), p99: quantileSorted(took, 0.99) }
}

/** Of two stretches of a round. */
function ratiosOf(own: readonly Stretch[], least: readonly Stretch[]) {
  return own.flatMap(({ round, answers }) => {
    const other = least.find((each) => each.round === round)
    if (!other || answers.length === 0 || other.answers.length === 0) return []
    const [one, first] = [figuresOf(answers), figuresOf(other.answers)]
    return [{ p50: one.p50 / first.p50, p99: one.p99 / first.p99 }]
  })
}

/**
 * A row for each side at each number of clients and of writes; that of what was never answered is left out.
 * @param due writes a second, by pace
 * @param seconds of a stretch
 */
export function writesRows(
  stretches: readonly Stretch[],
  due: readonly number[],
  seconds: number,
  seed: number,
): WritesRow[] {
  return grouped(stretches, ({ clients, side }) => [clients, side]).flatMap((ofSide) => {
    const least = ofSide.filter(({ pace }) => pace === 0)
    return grouped(ofSide, ({ pace }) => [pace]).flatMap((own): WritesRow[] => {
      const [{ side: key, clients, pace }] = own as [Stretch]
      const answers = own.flatMap((each) => each.answers)
      if (answers.length === 0) return []
      const changes = own.flatMap((each) => each.changes)
      const ages = own.flatMap(agesOf)
      const { p50, p99 } = figuresOf(answers)
      const ratios = pace > 0 ? ratiosOf(own, least) : []
      return [
        {
          ...{ key, clients, due: due[pace] ?? 0, answers: answers.length },
          made: changes.length / (seconds * own.length),
          tps: answers.length / (seconds * own.length),
          ...{ p50Ms: p50, p99Ms: p99 },
          ...(changes.length > 0 && { writeMs: median(latenciesOf(changes)) }),
          ...(ratios.length > 0 && {
            p50Ratio: ratioOf([ratios.map((each) => each.p50)], seed),
            p99Ratio: ratioOf([ratios.map((each) => each.p99)], seed),
          }),
          oldestMs: ages.reduce((most, age) => Math.max(most, age?.atArrivalMs ?? 0), 0),
          stale: ages.filter((age) => age && age.whenAskedMs > 0).length,
          neither: answers.filter(({ state }, at) => state === neither || ages[at] === undefined).length,
          failed: own.flatMap(({ failures }) => failures).reduce((sum, { count }) => sum + count, 0),
        },
      ]
    })
  })
}
