/** Whether a side stayed what it was while it was measured: an index that is dropped in the midst of a run is no gap of any size. */
import type { MeasuredBlock, Measurement } from './measurement.ts'
import { sum } from './sum.ts'

/** How many times as long a request may take after any moment as before it. Noise of a machine meets all sides alike. */
export const mostStep = 8
/** Turns before and after it, at the least: a single stall is no step. */
const leastTurns = 8
const leastShare = 0.1

export interface Step {
  key: string
  clients: number
  /** Time of a request after it ÷ before it, each held against the last side's. */
  times: number
  /** From 1: where it begins. */
  session: number
  pair: number
}

interface Turn {
  /** Logarithm of a request's time ÷ that of the last side at about the same moment. */
  ratio: number
  session: number
  pair: number
}

function turnsOf({ session, pair, turns }: MeasuredBlock, last: MeasuredBlock | undefined): Turn[] {
  return turns.flatMap(({ requests, busyMs }, index) => {
    const other = last?.turns[index]
    if (!other || Math.min(requests, other.requests, busyMs, other.busyMs) <= 0) return []
    return [{ session, pair, ratio: Math.log((busyMs / requests) * (other.requests / other.busyMs)) }]
  })
}

const medianOf = (turns: readonly Turn[]) =>
  turns.map(({ ratio }) => ratio).sort((a, b) => a - b)[turns.length >> 1] as number

/** Where the turns fall best into two parts: what is before and after differs most there, by least squares. */
function placeOf(turns: readonly Turn[], margin: number): number {
  const whole = sum(turns.map(({ ratio }) => ratio))
  let before = sum(turns.slice(0, margin).map(({ ratio }) => ratio))
  let [place, most] = [margin, -1]
  for (let at = margin; at <= turns.length - margin; at++) {
    const apart = (before / at - (whole - before) / (turns.length - at)) ** 2 * at * (turns.length - at)
    if (apart > most) [place, most] = [at, apart]
    before += turns[at]?.ratio ?? 0
  }
  return place
}

/** The largest step of one side at one number of clients; undefined where so few turns say nothing. */
function largest(turns: readonly Turn[]): Pick<Step, 'times' | 'session' | 'pair'> | undefined {
  const margin = Math.max(leastTurns, Math.ceil(leastShare * turns.length))
  if (turns.length < 2 * margin) return undefined
  const at = placeOf(turns, margin)
  // By medians: a stall that fills a few turns moves a mean, and is told of elsewhere.
  const times = Math.exp(medianOf(turns.slice(at)) - medianOf(turns.slice(0, at)))
  const { session, pair } = turns[at] as Turn
  return { times, session, pair }
}

/** The largest step of each side against the last one, at each number of clients; of the open model nothing is said. */
export function stepsOf({ settings, blocks }: Measurement): Step[] {
  const { clients, sides, rate } = settings
  const lastKey = sides.at(-1)
  if (rate > 0) return []
  const own = blocks
    .filter(({ phase }) => phase === 'measure')
    .sort((a, b) => a.session - b.session || a.pair - b.pair)
  return clients.flatMap((count) =>
    sides.slice(0, -1).flatMap((key) => {
      const turns = own
        .filter((block) => block.key === key && block.clients === count)
        .flatMap((block) => {
          const isBeside = (one: MeasuredBlock) =>
            one.key === lastKey &&
            one.clients === count &&
            one.session === block.session &&
            one.pair === block.pair
          return turnsOf(block, own.find(isBeside))
        })
      const step = largest(turns)
      return step ? [{ key, clients: count, ...step }] : []
    }),
  )
}
