/**
 * How often does the search for a capacity find the truth? Simulated servers of known capacity are searched again and again:
 * `tsx bench/capacity-simulated.ts [searches] [kind …]` prints, by kind of server, how often the interval holds the truth, how wide it is
 * and how long it would have measured.
 */
import { median } from 'simple-statistics'
import { Confirmation } from '../gap/capacity/confirmation.ts'
import type { Objective } from '../gap/capacity/evidence.ts'
import {
  cliff,
  constantCapacity,
  constantQueue,
  exponentialCapacity,
  exponentialQueue,
  limited,
  longShareOver,
  type Server,
  simulated,
  stalling,
  type Turns,
} from '../gap/capacity/fixture.ts'
import { parseObjective } from '../gap/capacity/objective.ts'
import { Search } from '../gap/capacity/search.ts'

interface Kind {
  server: Server
  objective: string
  /** Also of a limit of rates, where it is what all of a long run says. */
  truth: number
  closed: number
  turns?: Turns
}

/** By bisection on long runs. */
function longTruth(server: Server, from: number, to: number, limitMs: number, share: number): number {
  let [low, high] = [from, to]
  for (let halving = 0; halving < 12; halving++) {
    const middle = (low + high) / 2
    if (longShareOver(server, middle, limitMs, 2000) <= share) low = middle
    else high = middle
  }
  return low
}

const kinds: Record<string, () => Kind> = {
  'M/M/1, p99': () => ({
    ...{ server: exponentialQueue(1, 1000), objective: 'p99<10ms', closed: 1000 },
    truth: exponentialCapacity(1, 1000, 0.99, 0.01),
  }),
  'M/M/1 of 5000/s, p99': () => ({
    ...{ server: exponentialQueue(1, 5000), objective: 'p99<10ms', closed: 5000 },
    truth: exponentialCapacity(1, 5000, 0.99, 0.01),
  }),
  'M/M/4, p99': () => ({
    ...{ server: exponentialQueue(4, 500), objective: 'p99<15ms', closed: 2000 },
    truth: exponentialCapacity(4, 500, 0.99, 0.015),
  }),
  'M/D/1, p99': () => ({
    ...{ server: constantQueue(1, 1000), objective: 'p99<8ms', closed: 1000 },
    truth: constantCapacity(1000, 0.99, 0.008),
  }),
  'M/D/1, p99.9': () => ({
    ...{ server: constantQueue(1, 2000), objective: 'p99.9<6ms', closed: 2000 },
    truth: constantCapacity(2000, 0.999, 0.006),
  }),
  'M/M/1, mean': () => ({
    // The mean is 1 ÷ (μ - λ).
    ...{ server: exponentialQueue(1, 1000), objective: 'mean<4ms', closed: 1000, truth: 750 },
  }),
  'M/M/1, p99, sessions ± 3 %': () => ({
    ...{ server: exponentialQueue(1, 1000), objective: 'p99<10ms', closed: 1000, turns: { noise: 0.03 } },
    truth: exponentialCapacity(1, 1000, 0.99, 0.01),
  }),
  'limit of 2000/s': () => ({
    ...{ server: limited(2000, 20), objective: 'p99<10ms,failures<0.1%', closed: 2000 },
    truth: longTruth(limited(2000, 20), 1500, 2200, 10, 0.001),
  }),
  'cliff at 1234/s': () => ({
    ...{ server: cliff(1234), objective: 'p99<10ms', closed: 1500, truth: 1234 },
  }),
  'stalls of 35 ms': () => ({
    ...{ server: stalling(4000, 0.035), objective: 'p99<30ms', closed: 4000, turns: { seconds: 2 } },
    truth: longTruth(stalling(4000, 0.035), 1500, 3900, 30, 0.01),
  }),
}

const [count = '200', ...names] = process.argv.slice(2)
const searches = Number(count)

console.log(
  '| server | truth | holds it | half-width | bias | seconds | decided | ways | ratio holds 1 | confirmed |',
)
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |')
for (const [name, make] of Object.entries(kinds)) {
  if (names.length > 0 && !names.some((part) => name.includes(part))) continue
  const { server, objective: text, truth, closed, turns } = make()
  const objective: Objective = parseObjective(text)
  const sides = { a: { server, objective }, b: { server, objective } }
  const [widths, biases, seconds]: number[][] = [[], [], []] as number[][]
  let [held, decided, ratios, none] = [0, 0, 0, 0]
  const confirmed: number[] = []
  const ways: Record<string, number> = {}
  for (let seed = 1; seed <= searches; seed++) {
    const ask = simulated(sides, seed * 104729, turns)
    const search = new Search(
      Object.keys(sides).map((key) => ({ key, closedTps: closed, objective })),
      { seed, seconds: 240 },
    )
    for (let rounds = search.next(); rounds; rounds = search.next()) search.add(ask(rounds))
    ;(seconds as number[]).push(search.seconds)
    // What the confirmation sees belongs to the search, as in the command.
    const confirmation = new Confirmation(
      Object.entries(search.results()).flatMap(([key, found]) =>
        found.kind === 'capacity' ? [{ key, objective, capacity: found.capacity, low: found.low }] : [],
      ),
    )
    for (let rounds = confirmation.next(); rounds; rounds = confirmation.next()) {
      const points = ask(rounds)
      confirmation.add(points)
      search.add(points)
    }
    const { a: end } = confirmation.results()
    if (end?.confirmedRate) confirmed.push(end.confirmedRate / truth)
    const { a, b } = search.results()
    if (a?.kind !== 'capacity' || b?.kind !== 'capacity') {
      none++
      continue
    }
    for (const one of [a]) {
      if (one.low <= truth && truth <= one.high) held++
      if (one.decided) decided++
      ways[one.way] = (ways[one.way] ?? 0) + 1
      ;(widths as number[]).push((one.high - one.low) / one.capacity / 2)
      ;(biases as number[]).push(one.capacity / truth - 1)
    }
    const ratio = search.ratio('a', 'b')
    if (ratio && ratio.low <= 1 && ratio.high >= 1) ratios++
  }
  const share = (some: number) => `${((100 * some) / searches).toFixed(1)} %`
  const percent = (values: number[] | undefined) =>
    `${(100 * median(values?.length ? values : [Number.NaN])).toFixed(1)} %`
  console.log(
    `| ${name} | ${truth.toFixed(1)} | ${share(held)} | ${percent(widths)} | ${percent(biases)} | ${median(seconds as number[])} | ${share(decided)} | ${JSON.stringify(ways)}${none ? ` none ${none}` : ''} | ${share(ratios)} | ${confirmed.length}, at ${percent(confirmed)} of the truth, above it ${confirmed.filter((one) => one > 1).length} |`,
  )
}
