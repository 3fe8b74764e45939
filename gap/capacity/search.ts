/**
 * The search for each side's capacity: which rates to ask for next, and when it is enough. It neither asks nor waits: `next()` tells the
 * rounds of a batch, `add()` takes what came of them.
 *
 * It starts below what the closed model serves and goes down, or up where all of that holds; never up from near idle, where latency
 * falls as the rate rises. Once a capacity lies between two rates, rounds go where the line through it is told best: around it, so far
 * away that what is used is a few times more or less than what is allowed. All sides stay in until the last is done, so that each round has
 * a pair for the ratio.
 */
import { random } from '../../workload/random.ts'
import type { Ratio } from '../ratio.ts'
import type { Objective, Point } from './evidence.ts'
import { grouped } from './excess.ts'
import { type Bracket, bracketOf, type Capacity, capacityOf, ratioOfCapacities } from './fit.ts'
import { clientLimit, type RateVerdict, verdictAt } from './verdict.ts'

export interface SearchSide {
  key: string
  /** Requests a second that it serves in the closed model. */
  closedTps: number
  objective: Objective
}

export interface SearchOptions {
  seed?: number
  /** Seconds that all sides may take together, of arrivals that count; without end where it is not given. */
  seconds?: number
  /** Rounds of all batches together. */
  mostRounds?: number
  /** Rounds of one batch, each of which is a session. */
  roundsPerBatch?: number
  /** No side is asked for more requests a second. */
  maxRate?: number
  /** Half of the interval's width, as a share of the capacity, that is narrow enough. */
  halfWidth?: number
  /** Rates closer than this, as a share, are not told apart. */
  resolution?: number
}

/** By side, the requests a second that are due in the mean. */
export type Round = Record<string, number>

/** What was found at one rate. */
export interface MeasuredRate extends RateVerdict {
  rate: number
  points: Point[]
  /** Why the client, and not the side, was what ended first. */
  clientLimit?: string
}

export type SideResult = { rates: MeasuredRate[] } & (
  | ({ kind: 'capacity' /** Narrow enough, within the budget. */; decided: boolean } & Capacity)
  /** It holds at this rate; what ends it was not seen. `why` is one sentence. */
  | { kind: 'at-least'; rate: number; why: string; isClient: boolean }
  | { kind: 'none'; why: string }
)

const down = [0.95, 0.8, 0.65, 0.5, 0.35]
/** Upwards close first: many serve in the closed model about what they can, and a round far beyond that leaves a long backlog. */
const further = { down: [0.8, 0.62, 0.48, 0.37, 0.28], up: [1.04, 1.15, 1.35, 1.75, 2.5] }
/** A two-hundredth of what the closed model serves is near idle, and 64 times that is no rate that it can hold. */
const [floor, ceiling] = [1 / 200, 64]
/** Where the line is to be told, in units of its own scale (line.ts): three times more or less. */
const reach = 1.2
const farthest = 0.12
const leastRounds = 14
const leastSessions = 4
/** Resamples while the search still goes on. */
const quick = 500

const steps = (count: number, from: number, to: number) =>
  Array.from({ length: count }, (_, at) =>
    count === 1 ? (from + to) / 2 : from + ((to - from) * at) / (count - 1),
  )

/** A few digits, and never 0. */
const sensible = (rate: number, digits = 3) => Number(rate.toPrecision(digits))

/** As many as there are to be, from a list of any length. */
const spreadOver = (list: readonly number[], count: number) =>
  Array.from({ length: count }, (_, at) => {
    const place = count === 1 ? 0 : (at * (list.length - 1)) / (count - 1)
    const [low, high] = [list[Math.floor(place)], list[Math.ceil(place)]] as [number, number]
    return low + (high - low) * (place % 1)
  })

interface State {
  bracket: Bracket
  capacity?: Capacity | undefined
  /** Nothing that can still be asked would change the result. */
  isOver: boolean
  isDone: boolean
}

export class Search {
  readonly #sides: readonly SearchSide[]
  readonly #options: Required<Omit<SearchOptions, 'maxRate'>>
  readonly #maxRate: number
  readonly #points: Point[] = []
  readonly #nullPoints: Point[] = []
  readonly #next: () => number
  #rounds = 0
  #results: Record<string, SideResult> | undefined

  /** @throws {RangeError} where a side served nothing in the closed model */
  constructor(sides: readonly SearchSide[], options: SearchOptions = {}) {
    for (const { key, closedTps } of sides)
      if (!(closedTps > 0))
        throw new RangeError(`${key} served nothing in the closed model: no rate to begin from`)
    this.#sides = sides
    this.#options = {
      ...{ seed: 1, seconds: Number.POSITIVE_INFINITY, mostRounds: 60, roundsPerBatch: 5 },
      ...{ halfWidth: 0.04, resolution: 0.01 },
      ...options,
    }
    this.#maxRate = options.maxRate ?? Number.POSITIVE_INFINITY
    this.#next = random(this.#options.seed)
  }

  /** Counted seconds of arrivals until now. */
  get seconds(): number {
    return this.#points.reduce((sum, { seconds }) => sum + seconds, 0)
  }

  /** The rounds of the next batch, or undefined where nothing is left to find, or nothing to spend. */
  next(): Round[] | undefined {
    const { mostRounds, seconds, roundsPerBatch } = this.#options
    const count = Math.min(roundsPerBatch, mostRounds - this.#rounds)
    if (count <= 0 || this.seconds >= seconds) return undefined
    const states = this.#sides.map((side) => ({ side, state: this.#stateOf(side) }))
    if (states.every(({ state }) => state.isDone || state.isOver)) return undefined
    const rounds: Round[] = Array.from({ length: count }, () => ({}))
    for (const { side, state } of states) {
      if (state.isOver) continue
      const rates = this.#shuffled(this.#ratesFor(side, state, count))
      for (const [at, rate] of rates.entries()) (rounds[at] as Round)[side.key] = rate
    }
    this.#rounds += count
    return rounds
  }

  /**
   * @param points what came of a batch
   * @param nullPoints of servers that do nothing, by the same client at about the same rates; `side` is the one they stand for
   */
  add(points: readonly Point[], nullPoints: readonly Point[] = []): void {
    this.#points.push(...points)
    this.#nullPoints.push(...nullPoints)
    this.#results = undefined
  }

  /** By side. */
  results(): Record<string, SideResult> {
    this.#results ??= Object.fromEntries(this.#sides.map((side) => [side.key, this.#resultOf(side)]))
    return this.#results
  }

  /** The capacity of one side ÷ that of another, paired; undefined where either has none. */
  ratio(above: string, below: string): Ratio | undefined {
    const results = this.results()
    if ([above, below].some((key) => results[key]?.kind !== 'capacity')) return undefined
    const [upper, lower] = [above, below].map((key) => {
      const { objective } = this.#sides.find((side) => side.key === key) as SearchSide
      return { side: key, objective }
    }) as [{ side: string; objective: Objective }, { side: string; objective: Objective }]
    return ratioOfCapacities(this.#points, upper, lower, this.#options.seed)
  }

  #of(side: SearchSide): Point[] {
    return this.#points.filter(({ side: key }) => key === side.key)
  }

  #clientLimit(side: SearchSide, rate: number, points: readonly Point[]): string | undefined {
    // Once in a session it is asked, at one of its rates: those nearest to this one tell.
    const own = this.#nullPoints.filter((point) => point.side === side.key)
    const away = (point: Point) => Math.abs(Math.log(point.rate / rate))
    const least = Math.min(...own.map(away))
    const near = own.filter((point) => away(point) <= least + 0.05)
    return clientLimit(points, near, side.objective)
  }

  #stateOf(side: SearchSide): State {
    const points = this.#of(side)
    const bracket = bracketOf(points, side.objective)
    if (points.length === 0) return { bracket, isOver: false, isDone: false }
    const rates = points.map(({ rate }) => rate)
    const [lowest, highest] = [Math.min(...rates), Math.max(...rates)]
    const at = (rate: number) => points.filter((point) => point.rate === rate)
    if (bracket.crossed === undefined) {
      const isEnd = highest >= Math.min(this.#maxRate, ceiling * side.closedTps) * 0.999
      return {
        bracket,
        isOver: isEnd || this.#clientLimit(side, highest, at(highest)) !== undefined,
        isDone: false,
      }
    }
    const sessions = new Set(points.map(({ session }) => session)).size
    if (bracket.holds === undefined)
      return {
        bracket,
        // One session may have met a moment of weather.
        isOver:
          lowest <= floor * side.closedTps ||
          (sessions > 1 && this.#clientLimit(side, lowest, at(lowest)) !== undefined),
        isDone: false,
      }
    const { seed, halfWidth, resolution } = this.#options
    const capacity = capacityOf(points, side.key, side.objective, seed, quick) as Capacity
    const isVerdict = (rate: number, wanted: string) =>
      verdictAt(at(rate), side.objective, seed).verdict === wanted
    const width = (capacity.high - capacity.low) / capacity.capacity / 2
    const isDone =
      capacity.way === 'fit'
        ? width <= halfWidth && capacity.rounds >= leastRounds && sessions >= leastSessions
        : width <= 1.6 * resolution &&
          isVerdict(bracket.holds, 'holds') &&
          isVerdict(bracket.crossed, 'crossed')
    return { bracket, capacity, isOver: false, isDone }
  }

  #ratesFor(side: SearchSide, { bracket, capacity }: State, count: number): number[] {
    const points = this.#of(side)
    const measured = points.map(({ rate }) => rate)
    const bounded = (rates: number[], digits = 3) =>
      rates.map((rate) => Math.min(sensible(rate, digits), this.#maxRate))
    if (measured.length === 0) return bounded(spreadOver(down, count).map((part) => part * side.closedTps))
    if (bracket.crossed === undefined)
      return bounded(spreadOver(further.up, count).map((part) => part * Math.max(...measured)))
    if (bracket.holds === undefined)
      return bounded(spreadOver(further.down, count).map((part) => part * Math.min(...measured)))
    if (!capacity || capacity.way === 'bisection')
      return this.#bisection(bracket.holds, bracket.crossed, count)
    const width = (capacity.high - capacity.low) / capacity.capacity / 2
    const best = Math.max(this.#options.resolution, Math.min(farthest, reach / capacity.slope))
    // As long as little is known the capacity may lie elsewhere.
    const half = capacity.rounds < leastRounds / 2 ? Math.max(best, Math.min(1.5 * farthest, width)) : best
    const rates = bounded(
      steps(count, -half, half).map((z) => capacity.capacity * (1 + z)),
      half < 0.03 ? 4 : 3,
    )
    // A rate that was measured, and is close, is measured longer.
    return rates.map((rate) => measured.find((known) => Math.abs(known / rate - 1) < half / 8) ?? rate)
  }

  #bisection(holds: number, crossed: number, count: number): number[] {
    const { resolution } = this.#options
    const parts = Math.round(Math.log(crossed / holds) / (2 * resolution))
    if (parts <= 1) return Array.from({ length: count }, (_, at) => (at % 2 === 0 ? holds : crossed))
    const inner = Math.min(count, parts - 1)
    const between = steps(inner + 2, 0, 1)
      .slice(1, -1)
      .map((part) => sensible(holds * (crossed / holds) ** part, 4))
    return Array.from({ length: count }, (_, at) => between[at] ?? (at % 2 === 0 ? holds : crossed))
  }

  #shuffled(rates: number[]): number[] {
    const shuffled = [...rates]
    for (let at = shuffled.length - 1; at > 0; at--) {
      const other = Math.floor(this.#next() * (at + 1))
      ;[shuffled[at], shuffled[other]] = [shuffled[other] as number, shuffled[at] as number]
    }
    return shuffled
  }

  #ratesOf(side: SearchSide): MeasuredRate[] {
    return grouped(this.#of(side), ({ rate }) => rate).map(([rate, points]) => {
      const limit = this.#clientLimit(side, rate, points)
      return {
        rate,
        points,
        ...verdictAt(points, side.objective, this.#options.seed),
        ...(limit === undefined ? {} : { clientLimit: limit }),
      }
    })
  }

  #resultOf(side: SearchSide): SideResult {
    const rates = this.#ratesOf(side)
    const [lowest, highest] = [rates[0], rates.at(-1)]
    if (!lowest || !highest) return { kind: 'none', why: 'no rate was measured', rates }
    const { bracket, isDone } = this.#stateOf(side)
    const below = rates.filter(({ rate }) => rate < (bracket.crossed ?? Number.POSITIVE_INFINITY))
    const highestOf = (of: readonly MeasuredRate[]) =>
      of.findLast(({ verdict }) => verdict === 'holds') ?? of.findLast(({ used }) => used <= 1)
    // Where it is crossed: that higher up, where more is asked of it, the client is late says nothing of what ended first.
    const first = rates.find(({ rate }) => rate === bracket.crossed) ?? highest
    if (first.clientLimit !== undefined) {
      // What held in spite of the client holds, also above a rate that was crossed for its sake.
      const held = highestOf(rates)
      return held
        ? { kind: 'at-least', rate: held.rate, why: first.clientLimit, isClient: true, rates }
        : { kind: 'none', why: `client-limited: at ${lowest.rate}/s already ${first.clientLimit}`, rates }
    }
    if (bracket.holds === undefined)
      return {
        kind: 'none',
        why: `crossed even at the lowest rate tried, ${lowest.rate}/s: ${lowest.why}`,
        rates,
      }
    if (bracket.crossed === undefined)
      return {
        kind: 'at-least',
        rate: highestOf(below)?.rate ?? highest.rate,
        why: 'it holds even at the highest rate tried',
        isClient: false,
        rates,
      }
    const capacity = capacityOf(this.#of(side), side.key, side.objective, this.#options.seed) as Capacity
    return { kind: 'capacity', ...capacity, decided: isDone, rates }
  }
}
