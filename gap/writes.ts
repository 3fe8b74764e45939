/** Features that change under load: what latency becomes, and how old an answer can be. */
import { median, quantileSorted } from 'simple-statistics'
import { neither } from '../workload/changes.ts'
import { agesOf, grouped, latenciesOf, type Stretch } from './changes.ts'
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

const figuresOf = ({ answers }: Stretch) => {
  const took = latenciesOf(answers).sort((a, b) => a - b)
  return { p50: quantileSorted(took, 0.5), p99: quantileSorted(took, 0.99) }
}

/** Of two stretches of a round. */
function ratiosOf(own: readonly Stretch[], least: readonly Stretch[], figure: 'p50' | 'p99'): number[] {
  return own.flatMap((one) => {
    const other = least.find(({ round }) => round === one.round)
    if (!other || one.answers.length === 0 || other.answers.length === 0) return []
    return [figuresOf(one)[figure] / figuresOf(other)[figure]]
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
      const took = latenciesOf(answers).sort((a, b) => a - b)
      const [p50, p99] = [ratiosOf(own, least, 'p50'), ratiosOf(own, least, 'p99')]
      return [
        {
          ...{ key, clients, due: due[pace] ?? 0, answers: answers.length },
          made: changes.length / (seconds * own.length),
          tps: answers.length / (seconds * own.length),
          ...{ p50Ms: quantileSorted(took, 0.5), p99Ms: quantileSorted(took, 0.99) },
          ...(changes.length > 0 && { writeMs: median(latenciesOf(changes)) }),
          ...(pace > 0 &&
            p50.length > 0 && { p50Ratio: ratioOf([p50], seed), p99Ratio: ratioOf([p99], seed) }),
          oldestMs: ages.reduce((most, age) => Math.max(most, age?.atArrivalMs ?? 0), 0),
          stale: ages.filter((age) => age && age.whenAskedMs > 0).length,
          neither: answers.filter(({ state }, at) => state === neither || ages[at] === undefined).length,
          failed: own.flatMap(({ failures }) => failures).reduce((sum, { count }) => sum + count, 0),
        },
      ]
    })
  })
}
