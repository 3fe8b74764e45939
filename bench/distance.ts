/**
 * `npm run bench:distance`: does the proxy of `compare --distance` add what it is asked for?
 *
 *   npm run bench:distance -- --distance 0.05,0.1,0.5,1 --rounds 3
 *
 * The proxy asks itself by a null operation of its own. Here k6 looks, too: one client asks a server that answers at once, directly and
 * through the proxy, in turn, by both protocols. What the median latency grows by is what was added, as a client sees it. The order of
 * the lengths is turned round from one round to the next, and each round adjusts the proxy anew.
 */
import { parseArgs } from 'node:util'
import { median } from 'simple-statistics'
import { BadInput } from '../build/failure.ts'
import { exitCode } from '../cli/exit-codes.ts'
import { measureBlocks } from '../cli/k6.ts'
import { show } from '../cli/progress.ts'
import type { Measurement } from '../gap/measurement.ts'
import { ratioOf } from '../gap/ratio.ts'
import { figure, table, withInterval } from '../report/table.ts'
import { startDistance, through } from '../targets/distance.ts'
import { machine } from '../targets/facts.ts'
import { type Known, withKnown } from './known/servers.ts'
import { runProgram, wholeNumber, withSettings } from './program.ts'

const usage = `usage: npm run bench:distance -- [--distance 0.05,0.1,0.5,1] [--rounds 3] [--pairs 2] [--block 1]
  --distance  milliseconds of a round trip, in a list
  --rounds    how often each is set
  --pairs     blocks of each way, in a round
  --block     seconds of a block
`

function readSettings() {
  const { values } = parseArgs({
    options: {
      distance: { type: 'string', default: '0.05,0.1,0.5,1' },
      rounds: { type: 'string', default: '3' },
      pairs: { type: 'string', default: '2' },
      block: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const distances = values.distance.split(',').map(Number)
  if (!distances.every((ms) => ms > 0)) throw new BadInput('--distance takes milliseconds above 0', usage)
  return {
    distances,
    rounds: wholeNumber('rounds', values.rounds),
    pairs: wholeNumber('pairs', values.pairs),
    block: wholeNumber('block', values.block),
  }
}

type Settings = NonNullable<ReturnType<typeof readSettings>>

interface Round {
  roundTripMs: number
  /** What the proxy found by itself, before and after. */
  toldMs: number[]
  measurement: Measurement
}

/** What is asked by the way, and directly. */
const ways: [far: string, near: string][] = [
  ['service-2', 'service'],
  ['database-2', 'database'],
]

/** Milliseconds, pair by pair. */
function addedIn({ measurement: { blocks } }: Round, [far, near]: [string, string]): number[] {
  const mediansOf = (key: string) =>
    blocks.filter((block) => block.key === key).map(({ pair, ok }) => ({ pair, p50: ok.p50Ms ?? Number.NaN }))
  const direct = new Map(mediansOf(near).map(({ pair, p50 }) => [pair, p50]))
  return mediansOf(far).map(({ pair, p50 }) => p50 - (direct.get(pair) ?? Number.NaN))
}

/** What `compare --distance` allows. */
const isClose = (asked: number, added: number) => Math.abs(added - asked) <= Math.max(0.05 * asked, 0.02)

function report(rounds: readonly Round[], { distances }: Settings): string {
  return table(
    ['asked, ms', 'by', 'added, ms', 'added ÷ asked [95 %]', 'off, µs', 'within 5 % or 20 µs'],
    distances.flatMap((ms) => {
      const own = rounds.filter(({ roundTripMs }) => roundTripMs === ms)
      const seen: [by: string, added: number[][]][] = [
        ['the proxy itself', own.map(({ toldMs }) => toldMs)],
        ...ways.map((way): [string, number[][]] => [
          `k6, ${way[1]}`,
          own.map((round) => addedIn(round, way)),
        ]),
      ]
      return seen.map(([by, added]) => {
        const middle = median(added.flat())
        // Of what is not above 0 there is no ratio.
        const ratios = added.map((each) => each.filter((one) => one > 0).map((one) => one / ms))
        return [
          ...[String(ms), by, figure(middle), withInterval(ratioOf(ratios))],
          ...[((middle - ms) * 1000).toFixed(1), isClose(ms, middle) ? 'yes' : 'no'],
        ]
      })
    }),
  )
}

async function measure(
  { distances, rounds, pairs, block }: Settings,
  { targets, places, addresses, left }: Known,
  signal: AbortSignal,
): Promise<Round[]> {
  const links = ['SERVICE_URL', 'DATABASE_URL']
  const proxy = await startDistance(
    links.map((variable) => places[variable] ?? ''),
    'bench',
    signal,
  )
  const found: Round[] = []
  const far = addresses
    .filter(({ address }) => links.includes(address))
    .map(({ address, to }) => ({
      address: `${address}_2`,
      to: through(to, proxy.links[links.indexOf(address)] ?? ''),
    }))
  try {
    await show.one('Ask directly and by the proxy in turn', async (progress) => {
      for (let round = 1; round <= rounds; round++)
        for (const roundTripMs of round % 2 === 1 ? distances : [...distances].reverse()) {
          progress(`${roundTripMs} ms, round ${round} of ${rounds}`)
          const before = await proxy.set({ roundTripMs, jitterMs: 0 })
          const measurement = await measureBlocks(
            {
              sides: ['service:2', 'service', 'database:2', 'database'],
              ...{ clients: [1], pairs, block, warmup: 1, seed: round, queryMode: 'prepared' },
            },
            targets,
            left.below(`${roundTripMs}-ms-${round}`),
            signal,
            undefined,
            far,
          )
          found.push({ roundTripMs, toldMs: [before, await proxy.prove()], measurement })
        }
    })
  } finally {
    await proxy.stop()
  }
  return found
}

async function main(settings: Settings, signal: AbortSignal): Promise<number> {
  return withKnown(
    'distance',
    { SERVICE_URL: { protocol: 'http' }, DATABASE_URL: { protocol: 'sql' } },
    signal,
    async (known) => {
      const rounds = await measure(settings, known, signal)
      await known.left.keepJson('distance.json', { machine: machine(), settings, rounds })
      process.stdout.write(`\n${report(rounds, settings)}\n\n${known.left.said()}\n`)
      return exitCode.pass
    },
  )
}

await runProgram((signal) => withSettings(usage, readSettings(), (settings) => main(settings, signal)))
