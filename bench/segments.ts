/**
 * `npm run bench:segments`: do several k6 that share a comparison measure what one k6 measures?
 *
 *   npm run bench:segments                                   # two parts beside the whole
 *   npm run bench:segments -- --of 4 --apart 3 --rounds 2    # four that are started 3 s apart
 *   npm run bench:segments -- --flights                      # of the flights: the gap of real sides
 *
 * Whole and parts measure in turn, in another order each round, closed and open. A round gives one ratio of each figure. Two servers
 * of known latency are asked, which leave the processors room for two k6: what is compared is the clients. `service` takes 0 to 10 ms,
 * evenly, and `service-2` 0 to 20 ms.
 */
import { parseArgs } from 'node:util'
import { median } from 'simple-statistics'
import { exitCode } from '../cli/exit-codes.ts'
import { show } from '../cli/progress.ts'
import { readTargets, type Targets, withTargets } from '../cli/targets.ts'
import type { MeasuredBlock, Measurement } from '../gap/measurement.ts'
import { premisesOf } from '../gap/premises.ts'
import { type Ratio, ratioOf } from '../gap/ratio.ts'
import { withResults } from '../report/results.ts'
import { figure, table, withInterval } from '../report/table.ts'
import type { Address } from '../targets/asker.ts'
import { machine } from '../targets/facts.ts'
import { type Known, type Listener, withKnown } from './known/servers.ts'
import { measureShared } from './parts.ts'
import { runProgram, wholeNumber, withSettings } from './program.ts'

const usage = `usage: npm run bench:segments -- [--of 2] [--apart 0] [--lead 5] [--rounds 3] [--block 3]
                                   [--clients 8] [--rate 600] [--flights]
  --of       how many k6 share the comparison
  --apart    seconds between the starts of two of them
  --lead     seconds from the last start to the moment at which all begin
  --rounds   how often whole and parts measure, in each model
  --block    seconds of each side in a round
  --clients  of the closed model
  --rate     of the open model, requests a second
  --flights  ask the flights' Postgres and service in the place of servers of known latency
`

const models = ['closed', 'open'] as const
type Model = (typeof models)[number]

/** Within so much of the whole the parts' figures are to be. */
const bound = 0.03

const figures = {
  'requests/s': ({ tps }: MeasuredBlock) => tps,
  p50: ({ ok }: MeasuredBlock) => ok.p50Ms ?? Number.NaN,
  p90: ({ ok }: MeasuredBlock) => ok.p90Ms ?? Number.NaN,
  p99: ({ ok }: MeasuredBlock) => ok.p99Ms ?? Number.NaN,
}

interface Round {
  model: Model
  whole: Measurement
  parts: Measurement
}

function readSettings() {
  const { values } = parseArgs({
    options: {
      of: { type: 'string', default: '2' },
      apart: { type: 'string', default: '0' },
      lead: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '3' },
      block: { type: 'string', default: '3' },
      clients: { type: 'string', default: '8' },
      rate: { type: 'string', default: '600' },
      flights: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const number = (name: 'of' | 'lead' | 'rounds' | 'block' | 'clients' | 'rate') =>
    wholeNumber(name, values[name])
  return {
    ...{ of: number('of'), lead: number('lead'), rounds: number('rounds'), block: number('block') },
    ...{ clients: number('clients'), rate: number('rate'), flights: values.flights },
    apart: values.apart === '0' ? 0 : wholeNumber('apart', values.apart),
  }
}

type Settings = NonNullable<ReturnType<typeof readSettings>>

const measured = ({ blocks }: Measurement, key: string) =>
  blocks.filter((block) => block.key === key && block.phase === 'measure')

/** Of a measurement's blocks of one side. */
const of = (measurement: Measurement, key: string, what: keyof typeof figures) =>
  median(measured(measurement, key).map(figures[what]))

const keysOf = ({ settings: { sides } }: Measurement) => sides

const overlap = (a: Ratio, b: Ratio) => a.low <= b.high && b.low <= a.high

function rowsOf(rounds: readonly Round[], model: Model): string[][] {
  const own = rounds.filter((each) => each.model === model)
  const [first] = own
  if (!first) return []
  return keysOf(first.whole).flatMap((key) =>
    (Object.keys(figures) as (keyof typeof figures)[]).map((what) => {
      const ratio = ratioOf([own.map(({ whole, parts }) => of(parts, key, what) / of(whole, key, what))])
      return [
        ...[model, key, what],
        ...[figure(median(own.map(({ whole }) => of(whole, key, what))))],
        ...[figure(median(own.map(({ parts }) => of(parts, key, what))))],
        withInterval(ratio),
        Math.abs(ratio.median - 1) <= bound ? 'yes' : 'no',
      ]
    }),
  )
}

/** The first side ÷ the last one, by the whole and by the parts. */
function gapRowOf(rounds: readonly Round[], model: Model): string[] {
  const own = rounds.filter((each) => each.model === model)
  const gapOf = (which: 'whole' | 'parts') =>
    ratioOf(
      own.map((each) =>
        // At a given rate both serve as much: there the gap is one of latency.
        each[which].pairs.map(({ tps, p50 }) => (model === 'open' ? p50 : tps)),
      ),
    )
  const [whole, parts] = [gapOf('whole'), gapOf('parts')]
  return [
    ...[model, model === 'open' ? 'p50' : 'requests/s', withInterval(whole), withInterval(parts)],
    overlap(whole, parts) ? 'yes' : 'no',
  ]
}

function brokenIn(rounds: readonly Round[]): string[] {
  const told = rounds.flatMap(({ whole, parts }) =>
    Object.entries({ whole, parts }).flatMap(([which, measurement]) =>
      premisesOf(measurement)
        .filter(({ holds }) => !holds)
        .map(({ name, seen }) => `${which}, ${name}: ${seen}`),
    ),
  )
  return [...new Set(told)]
}

function report(rounds: readonly Round[], { of: parts }: Settings): string {
  const broken = brokenIn(rounds)
  return [
    table(
      [
        'model',
        'side',
        'figure',
        'one k6',
        `${parts} parts`,
        'parts ÷ one [95 %]',
        `within ${100 * bound} %`,
      ],
      models.flatMap((model) => rowsOf(rounds, model)),
    ),
    '\n  Gap of the sides [95 %]\n',
    table(
      ['model', 'of', 'one k6', `${parts} parts`, 'intervals meet'],
      models.map((model) => gapRowOf(rounds, model)),
    ),
    broken.length > 0
      ? `\n  Premises that did not hold:\n  ${broken.join('\n  ')}`
      : '\n  All premises held.',
  ].join('\n')
}

async function measure(
  settings: Settings,
  targets: Targets,
  further: readonly { address: string; to: Address }[],
  folder: string,
  signal: AbortSignal,
): Promise<Round[]> {
  const rounds: Round[] = []
  const sides = settings.flights ? 'postgres,python' : 'service,service:2'
  const variablesOf = (model: Model, round: number) => ({
    ...{ SIDES: sides, PAIRS: '1', BLOCK_SECONDS: String(settings.block), WARMUP_SECONDS: '1' },
    SEED: String(round),
    ...(model === 'closed'
      ? { CLIENTS: String(settings.clients) }
      : { RATE: String(settings.rate), MAX_CLIENTS: '40' }),
  })
  const one = (of: number, variables: Record<string, string>) =>
    measureShared(
      { of, apart: settings.apart, lead: settings.lead, variables, further },
      targets,
      folder,
      signal,
    )
  await show.one('Measure by one k6 and by several in turn', async (progress) => {
    for (let round = 1; round <= settings.rounds; round++)
      for (const model of models) {
        progress(`${model}, round ${round} of ${settings.rounds}`)
        const variables = variablesOf(model, round)
        const isWholeFirst = round % 2 === 1
        const first = await one(isWholeFirst ? 1 : settings.of, variables)
        const second = await one(isWholeFirst ? settings.of : 1, variables)
        rounds.push({
          model,
          ...(isWholeFirst ? { whole: first, parts: second } : { whole: second, parts: first }),
        })
      }
  })
  return rounds
}

/** 0 to twice as many milliseconds. */
const evenly = (meanMs: number): Listener => ({
  protocol: 'http',
  pace: { queue: { kind: 'fcfs', servers: 200, service: { distribution: 'uniform', meanMs }, seed: 1 } },
})

async function main(settings: Settings, signal: AbortSignal): Promise<number> {
  const work = async ({ targets, addresses, left }: Pick<Known, 'targets' | 'addresses' | 'left'>) => {
    const rounds = await measure(settings, targets, addresses, left.folder, signal)
    await left.keepJson('segments.json', { machine: machine(), settings, rounds })
    process.stdout.write(`\n${report(rounds, settings)}\n\n${left.said()}\n`)
    return exitCode.pass
  }
  if (!settings.flights)
    return withKnown(
      'segments',
      { SERVICE_URL: evenly(5), SERVICE_URL_2: evenly(10), DATABASE_URL: { protocol: 'sql' } },
      signal,
      work,
    )
  const read = await readTargets({})
  return withResults((left) => withTargets(read, signal, (targets) => work({ targets, addresses: [], left })))
}

await runProgram((signal) => withSettings(usage, readSettings(), (settings) => main(settings, signal)))
