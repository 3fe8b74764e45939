/**
 * Simulated servers whose capacity is known, for tests of the search: queues that serve in the order of arrival (by Lindley's recursion,
 * for several servers Kiefer & Wolfowitz's), a hard limit of the rate, a cliff, and a server that stalls.
 */
import { random } from '../../workload/random.ts'
import type { Objective, Point } from './evidence.ts'
import { withinOf } from './objective.ts'
import type { Round } from './search.ts'

/** Latencies in seconds of arrivals at these times; NaN where a request fails. */
export type Server = (arrivals: Float64Array, next: () => number, rate: number) => Float64Array

const exponential = (next: () => number) => -Math.log(1 - next())

/** @param service seconds that one request takes */
function queue(servers: number, service: (next: () => number) => number): Server {
  return (arrivals, next) => {
    const free = new Float64Array(servers)
    return arrivals.map((arrival) => {
      let first = 0
      for (let server = 1; server < servers; server++)
        if ((free[server] as number) < (free[first] as number)) first = server
      const end = Math.max(arrival, free[first] as number) + service(next)
      free[first] = end
      return end - arrival
    })
  }
}

/** M/M/c. @param rate requests a second that one server can serve */
export const exponentialQueue = (servers: number, rate: number): Server =>
  queue(servers, (next) => exponential(next) / rate)

/** M/D/c. */
export const constantQueue = (servers: number, rate: number): Server => queue(servers, () => 1 / rate)

/** Answers in `ms`, but fails what comes when a bucket of `burst` requests, refilled at `rate`, is empty. */
export const limited =
  (rate: number, burst: number, ms = 1): Server =>
  (arrivals) => {
    let [tokens, before] = [burst, 0]
    return arrivals.map((arrival) => {
      tokens = Math.min(burst, tokens + (arrival - before) * rate)
      before = arrival
      if (tokens < 1) return Number.NaN
      tokens -= 1
      return ms / 1000
    })
  }

/** Answers within `ms` up to a rate, and in ten times that above it. */
export const cliff =
  (limit: number, ms = 2): Server =>
  (arrivals, next, rate) =>
    arrivals.map(() => ((rate <= limit ? 1 : 10) * ms * (0.5 + next() / 2)) / 1000)

/** M/M/1 whose server stands still for `stall` seconds every `period`. */
export const stalling =
  (rate: number, stall: number, period = 2): Server =>
  (arrivals, next) => {
    const phase = next() * period
    let free = 0
    const awake = (time: number) => {
      const into = (time + phase) % period
      return into < stall ? time + stall - into : time
    }
    return arrivals.map((arrival) => {
      const begin = awake(Math.max(arrival, free))
      let end = begin + exponential(next) / rate
      // It stands still also in the middle of a request.
      const untilStall = period - ((begin + phase) % period)
      if (end - begin > untilStall) end += stall
      free = end
      return end - arrival
    })
  }

/** Of M/M/c: the highest arrival rate at which so large a share is answered within `seconds`. Erlang's C and the closed form of the sojourn. */
export function exponentialCapacity(servers: number, rate: number, share: number, seconds: number): number {
  const beyond = (arrivals: number) => {
    const offered = arrivals / rate
    let blocked = 1
    for (let server = 1; server <= servers; server++)
      blocked = (offered * blocked) / (server + offered * blocked)
    const waits = blocked / (1 - (offered / servers) * (1 - blocked))
    const drain = servers * rate - arrivals
    const alone = Math.exp(-rate * seconds)
    if (Math.abs(drain - rate) < 1e-9 * rate) return alone * (1 + waits * rate * seconds)
    return alone + (waits * rate * (Math.exp(-drain * seconds) - alone)) / (rate - drain)
  }
  return bisected(0, servers * rate, (arrivals) => beyond(arrivals) <= 1 - share)
}

/** Poisson: how probable each number is, and each larger number, from 0 on. */
function poisson(mean: number, numbers: number) {
  const [exactly, more] = [new Float64Array(numbers), new Float64Array(numbers)]
  for (let number = 0; number < numbers; number++)
    exactly[number] = number === 0 ? Math.exp(-mean) : ((exactly[number - 1] as number) * mean) / number
  // From the far end, so that what is left is not the difference of two that are nearly alike.
  let [tail, term, number] = [0, exactly[numbers - 1] as number, numbers]
  for (; term > 0 && number < numbers + 200; number++) {
    term *= mean / number
    tail += term
  }
  for (let at = numbers - 1; at >= 0; at--) {
    more[at] = tail
    tail += exactly[at] as number
  }
  return { exactly, more }
}

/**
 * Of M/D/1. Erlang's series of the waiting time (1909) alternates, and has no digits left after some twenty services; this is a sum
 * of positive terms: the numbers in the system by crossings of levels, and of these the waiting time as Franx has it (A simple
 * solution for the M/D/c waiting time distribution, 2001).
 */
export function constantCapacity(rate: number, share: number, seconds: number): number {
  const service = 1 / rate
  const wait = seconds - service
  const services = Math.floor(wait / service)
  const within = (arrivals: number) => {
    const { exactly, more } = poisson(arrivals * service, services + 3)
    // As many, or fewer, in the system.
    const there = [1 - arrivals * service]
    for (let number = 0; number <= services; number++) {
      let up = (there[0] as number) * (more[number] as number)
      for (let from = 1; from <= number; from++)
        up += (there[from] as number) * (more[number - from + 1] as number)
      there.push(up / (exactly[0] as number))
    }
    for (let number = 1; number < there.length; number++)
      there[number] = (there[number] as number) + (there[number - 1] as number)
    const left = arrivals * ((services + 1) * service - wait)
    let [sum, term] = [0, Math.exp(-left)]
    for (let number = 0; number <= services; number++) {
      sum += (there[services - number + 1] as number) * term
      term *= left / (number + 1)
    }
    return sum
  }
  return bisected(0, rate, (arrivals) => within(arrivals) >= share)
}

function bisected(from: number, to: number, holds: (rate: number) => boolean): number {
  let [low, high] = [from, to]
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2
    if (holds(middle)) low = middle
    else high = middle
  }
  return low
}

/** The share of requests over a limit in one long run. */
export function longShareOver(
  server: Server,
  rate: number,
  limitMs: number,
  seconds: number,
  seed = 1,
): number {
  const next = random(seed)
  const latencies = server(arrivalsOf(rate, seconds, next), next, rate)
  return latencies.reduce((over, latency) => over + (latency * 1000 <= limitMs ? 0 : 1), 0) / latencies.length
}

function arrivalsOf(rate: number, seconds: number, next: () => number): Float64Array {
  const times: number[] = []
  for (let time = exponential(next) / rate; time < seconds; time += exponential(next) / rate) times.push(time)
  return Float64Array.from(times)
}

/** How a simulated client asks. */
export interface Turns {
  /** Counted seconds of a turn, of which a round has two. */
  seconds?: number
  /** Of that, before what counts. */
  lead?: number
  /** Standard deviation of the machine's speed between sessions, as a share. */
  noise?: number
}

function pointOf(
  side: string,
  server: Server,
  rate: number,
  objective: Objective,
  speed: number,
  turns: Turns,
  next: () => number,
) {
  const { seconds = 1.5, lead = 0.2 } = turns
  const latencies: number[] = []
  let [due, slope, failed] = [0, 0, 0]
  for (let turn = 0; turn < 2; turn++) {
    // A machine that is slower by a tenth is one whose clock is: arrivals come closer together, and all takes longer.
    const arrivals = arrivalsOf(rate * speed, (seconds * (1 + lead)) / speed, next)
    const all = server(arrivals, next, rate * speed)
    const from = (seconds * lead) / speed
    let [count, t, l, tt, tl] = [0, 0, 0, 0, 0]
    for (const [at, arrival] of arrivals.entries()) {
      if (arrival < from) continue
      due++
      const latency = all[at] as number
      if (Number.isNaN(latency)) {
        failed++
        continue
      }
      latencies.push(latency * speed * 1000)
      count++
      t += arrival
      l += latency
      tt += arrival * arrival
      tl += arrival * latency
    }
    if (count > 1) slope += (count * tl - t * l) / (count * tt - t * t) / 2
  }
  const counts = {
    countWithin: (limitMs: number) => latencies.reduce((sum, ms) => sum + (ms <= limitMs ? 1 : 0), 0),
    sumMs: latencies.reduce((sum, ms) => sum + ms, 0),
    answered: latencies.length,
    failed,
  }
  const within = withinOf(objective, counts)
  return {
    side,
    rate,
    seconds: 2 * seconds,
    due,
    answered: latencies.length,
    failed,
    within,
    growth: slope,
    lateP99Ms: 0,
    dropped: 0,
  }
}

/** What a batch of rounds brings, each time in a session of its own. */
export function simulated(
  sides: Record<string, { server: Server; objective: Objective }>,
  seed: number,
  turns: Turns = {},
) {
  const next = random(seed)
  const normal = () => Math.sqrt(2 * exponential(next)) * Math.cos(2 * Math.PI * next())
  let session = 0
  return (rounds: readonly Round[]): Point[] => {
    session++
    const speed = Math.exp((turns.noise ?? 0) * normal())
    return rounds.flatMap((round, at) =>
      Object.entries(round).map(([key, rate]) => {
        const { server, objective } = sides[key] as { server: Server; objective: Objective }
        return { session, round: at + 1, ...pointOf(key, server, rate, objective, speed, turns, next) }
      }),
    )
  }
}

/**
 * A round without noise, on the scale on which a line is fitted: of what a term allows it uses e^height, shares by their odds, so that
 * 0 is the limit.
 *
 * @param heightOf by the term's place
 */
export function exactPoint(
  { terms }: Objective,
  at: Pick<Point, 'side' | 'rate' | 'session' | 'round'>,
  heightOf: (term: number) => number,
  due = 1e8,
): Point {
  return {
    ...at,
    ...{ seconds: 2, due, answered: due, failed: 0, growth: 0, lateP99Ms: 0, dropped: 0 },
    within: terms.map((term, index) => {
      const used = Math.exp(heightOf(index))
      if (term.figure === 'mean') return due * term.limitMs * used
      const share = term.figure === 'failures' ? term.limit : 1 - term.share
      return due / (1 + (share / (1 - share)) * used)
    }),
  }
}

/** Heights of a line. @param slope of the logarithm of what is used by that of the rate, at the truth */
export const line = (truth: number, slope: number) => (rate: number) => (slope * (rate - truth)) / truth
