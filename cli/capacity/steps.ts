/** The steps of a search for capacities: the closed model, the search, its confirmation, and what is used up. */
import { CouldNotMeasure } from '../../build/failure.ts'
import { Confirmation, type SideConfirmation } from '../../gap/capacity/confirmation.ts'
import type { Objective } from '../../gap/capacity/evidence.ts'
import { fleetOfOnePrice, readFleet } from '../../gap/capacity/fleet.ts'
import type { Given } from '../../gap/capacity/objective.ts'
import type { Wanted } from '../../gap/capacity/plan.ts'
import type { Resources } from '../../gap/capacity/resources.ts'
import { Search, type SearchSide } from '../../gap/capacity/search.ts'
import type { Turns } from '../../gap/capacity/turns.ts'
import { causesOf, mostLikely } from '../../gap/failures.ts'
import { figuresOf } from '../../gap/figures.ts'
import type { Measurement } from '../../gap/measurement.ts'
import type { CapacityRun } from '../../report/capacity/run.ts'
import type { Folder } from '../../report/results.ts'
import { allSides } from '../../workload/resolve.ts'
import { show } from '../progress.ts'
import { Sessions } from '../sessions.ts'
import type { GivenTargets, Targets } from '../targets.ts'
import type { RoundSettings, Rounds } from './rounds.ts'
import type { TimeLeft } from './time-left.ts'
import { usedAt } from './used.ts'

/** What to plan hosts for; without a demand there is no plan. */
export interface PlanFlags {
  /** Predictions a second. */
  demand?: number
  /** Share of each host's capacity that is kept free. */
  headroom?: number
  /** Hosts besides those that are needed. */
  spare?: number
  /** Of a host, an hour. */
  price?: number
  /** A file. */
  fleet?: string
}

/** @throws {BadInput} naming the fleet file and what in it does not fit */
export async function wantedOf(
  { demand, headroom = 0.3, spare = 1, price, fleet: file }: PlanFlags,
  sides: readonly string[],
): Promise<Wanted | undefined> {
  if (demand === undefined) return undefined
  const fleet =
    file !== undefined
      ? await readFleet(file, sides)
      : price !== undefined
        ? fleetOfOnePrice(price, sides)
        : undefined
  return { demand, headroom, spare, ...(fleet && { fleet }) }
}

export interface CapacityOptions extends GivenTargets, PlanFlags, Omit<RoundSettings, 'clients' | 'turns'> {
  /** Seconds of each side in a round; absent: as long as the objective needs it. */
  block?: number
  /** What is to hold, for a side or for all. */
  objective: Given[]
  /** Of the closed model; of the largest of them requests in the open model are sent. */
  clients: number[]
  /** Rounds of the search, at most. */
  rounds: number
  /** Minutes that closed model, search and confirmation may take together; the last session may end a little later. */
  timeLimit?: number
  /** Half of the interval's width that is narrow enough, as a share. */
  precision: number
  /** Keys asked at once, to see what that gains. */
  batch?: number[]
  thresholds?: string
  json?: boolean
  quiet?: boolean
  command: string
}

/** Pairs of the closed model, and seconds of a block: its throughput is where the search begins, and what the law is fitted to. */
export const closed = { pairs: 4, block: 1 }

/** How sides are asked, in the closed model and in the open one. */
export const askingOf = ({ warmup, seed, queryMode, pool }: CapacityOptions) => ({
  ...{ warmup, seed, queryMode },
  ...(pool !== undefined && { pool }),
})

/** What one search works with. */
export interface Work {
  options: CapacityOptions
  objectives: ReadonlyMap<string, Objective>
  turns: Turns
  targets: Targets
  left: Folder
  signal: AbortSignal
  time: TimeLeft
}

export const objectiveFor = ({ objectives }: Work, side: string): Objective => {
  const found = objectives.get(side)
  if (!found) throw new RangeError(`no objective of ${side}`)
  return found
}

/** What each side serves in the closed model, at each number of clients. @throws {CouldNotMeasure} where a side fails requests */
export async function closedModel({ options, targets, left, signal }: Work): Promise<Measurement> {
  const settings = { ...closed, ...askingOf(options), clients: options.clients, sessions: 1 }
  const sessions = new Sessions(
    { ...settings, sides: allSides(targets.workload), beside: [], name: 'closed model, ' },
    targets,
    left.below('closed'),
    signal,
  )
  const measurement = await sessions.measure()
  for (const side of allSides(targets.workload))
    for (const count of options.clients) {
      const { tps = 0, failures = 0, requests = 0 } = figuresOf(measurement, side, count) ?? {}
      if (tps > 0) continue
      const { cause, next } = mostLikely(causesOf(measurement, ({ key }) => key === side))
      throw new CouldNotMeasure(
        `${side} failed ${failures} of ${requests} requests of ${count} clients, so that the search has no rate to begin with${cause ? `; ${cause}` : ''}`,
        next ?? "k6's log, in the folder of results, has what failed",
      )
    }
  return measurement
}

export const closedOf = (measurement: Measurement, side: string) =>
  measurement.settings.clients.flatMap((clients) => {
    const figures = figuresOf(measurement, side, clients)
    return figures ? [{ clients, tps: figures.tps }] : []
  })

const inWords = (round: Readonly<Record<string, number>>) =>
  Object.entries(round)
    .map(([side, rate]) => `${side} ${Number(rate.toPrecision(3)).toLocaleString('en')}/s`)
    .join(', ')

/** The turns of the null servers in a session take as long as a round. */
const ofNull = 1

/** The search itself: batches of rounds until each side's interval is narrow, or the rounds or the time are used up. */
export async function searched(work: Work, rounds: Rounds, sides: SearchSide[]): Promise<Search> {
  const { options } = work
  const search = new Search(sides, {
    seed: options.seed,
    mostRounds: options.rounds,
    halfWidth: options.precision,
  })
  for (let batch = search.next(), number = 1; batch; batch = search.next(), number++) {
    const asked = batch
    if (number > 1 && !work.time.hasForSearch(asked.length + ofNull)) break
    const { points, nullPoints } = await show.one(
      `Search, session ${number}: around ${inWords(asked[0] ?? {})}`,
      (progress) => work.time.taken(asked.length + ofNull, () => rounds.session(asked, progress)),
    )
    search.add(points, nullPoints)
  }
  return search
}

export interface Confirmed {
  bySide: Record<string, SideConfirmation>
  sessions: CapacityRun['confirmations']
  measurements: Measurement[]
}

/**
 * Fresh sessions at what was found: at an interval's lower end, or at the rate that a side does at least. What they see is known of the
 * capacity, too, so that the search takes it in.
 */
export async function confirmed(work: Work, rounds: Rounds, search: Search): Promise<Confirmed> {
  const sides = Object.entries(search.results()).flatMap(([key, result]) => {
    const objective = objectiveFor(work, key)
    if (result.kind === 'none') return []
    // Where latency is a cliff the highest rate that seems to hold is what is to be proven.
    return result.kind === 'capacity'
      ? [
          {
            ...{ key, objective, capacity: result.capacity },
            low: result.way === 'bisection' ? result.bracket[0] : result.low,
          },
        ]
      : [{ key, objective, capacity: result.rate, low: result.rate }]
  })
  const confirmation = new Confirmation(sides)
  const found: Confirmed = { bySide: {}, sessions: [], measurements: [] }
  for (let batch = confirmation.next(), number = 1; batch; batch = confirmation.next(), number++) {
    const asked = batch
    if (!work.time.has(asked.length)) {
      confirmation.end('the time limit was reached: give --time-limit more minutes')
      break
    }
    const rates = asked[0] ?? {}
    const { points, nullPoints, measurement } = await show.one(
      `Confirm in fresh sessions, ${number}: ${inWords(rates)}`,
      (progress) =>
        work.time.taken(asked.length + (number === 1 ? ofNull : 0), () =>
          rounds.session(asked, progress, { beside: number === 1 }),
        ),
    )
    found.sessions.push({ rates, held: confirmation.add(points) })
    search.add(points, nullPoints)
    found.measurements.push(measurement)
  }
  found.bySide = confirmation.results()
  return found
}

export async function resourcesOf(
  { options, targets, signal }: Work,
  rounds: Rounds,
  bySide: Record<string, SideConfirmation>,
): Promise<Resources[]> {
  const all: Resources[] = []
  const most = Math.max(...options.clients)
  for (const [side, { confirmedRate: rate }] of Object.entries(bySide))
    if (rate !== undefined)
      all.push(
        await show.one(`See what ${side} uses at ${inWords({ [side]: rate })}`, (progress) =>
          usedAt(side, rate, most, rounds, targets, signal, progress),
        ),
      )
  return all
}
