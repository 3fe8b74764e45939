/**
 * Both targets within one run, in pairs of interleaved blocks at each number of clients (lib/plan.ts). Virtual users meet
 * at the end of each turn, so that only one side works at a time. Connections are opened anew for each pair and within it;
 * each pair gives one ratio.
 *
 * With RATE the model is open: requests are due at that rate, whether or not the answers before them have come.
 */
import exec from 'k6/execution'
import { Trend } from 'k6/metrics'
import type { Options } from 'k6/options'
import recorder from 'k6/x/recorder'
import rendezvous from 'k6/x/rendezvous'
import type { MeasuredBlock, Measurement, Progress } from '../gap/measurement.ts'
import type { Ask } from './lib/ask.ts'
import { blockName, blocksOf, type Phase, pairsOf, turnName, warmupsOf } from './lib/blocks.ts'
import { count } from './lib/count.ts'
import { generator } from './lib/draw.ts'
import { draw } from './lib/keys.ts'
import {
  besideTurnLength,
  openTurnLength,
  order,
  roundsOf,
  roundsOfConnection,
  turnLength,
} from './lib/plan.ts'
import { connections } from './lib/python.ts'
import { askerOf, metricOf, wrongAnswers } from './lib/request.ts'
import {
  pool,
  queryMode,
  seconds,
  seed,
  serializer,
  text,
  wholeNumber,
  wholeNumbers,
} from './lib/settings.ts'
import { checkSide, connectSide, isNull, isPreparedSide, parseSides, type Side } from './lib/sides.ts'
import { isSteady } from './lib/steady.ts'
import { noWrongAnswers, readThresholds, targetThresholds } from './lib/thresholds.ts'
import { type Client, closedTurn } from './lib/turn.ts'
import { type OpenClient, openTurn } from './lib/turn-open.ts'

const rate = wholeNumber('RATE', 0, 0)
const settings = {
  clients: rate > 0 ? [wholeNumber('MAX_CLIENTS', 100)] : wholeNumbers('CLIENTS', [1]),
  pairs: wholeNumber('PAIRS', 4),
  blockSeconds: seconds('BLOCK_SECONDS', 2),
  warmupSeconds: seconds('WARMUP_SECONDS', 10),
  seed: seed(),
}
const sides = parseSides('SIDES', 'postgres,python')
/** Asked a little in each pair: null operations, for what the client costs by itself, and other ways of predicting. */
const beside = parseSides('BESIDE', '')
for (const side of [...sides, ...beside]) checkSide(side)
/** What all others are compared with. */
const lastSide = sides.at(-1)?.key ?? ''
const predicting = [...sides, ...beside].filter((side) => !isNull(side))
const startedAt = Date.now()
const summaryFile = text('SUMMARY_FILE', '')
const progressFile = text('PROGRESS_FILE', '')
const thresholds = readThresholds()

const measured = '{phase:measure}'

/** thresholds.json for what this run compares: a target against itself or alone has no gap to be expected. */
function expected(): Record<string, string[]> {
  const own: Record<string, string[]> = { ...noWrongAnswers, broken_premises: ['count==0'] }
  if (sides.map(({ key }) => key).join() !== 'postgres,python') return own
  for (const { target } of sides) {
    Object.assign(own, targetThresholds(target, thresholds[target], measured))
    if (rate === 0) own[`tps{target:${target}}`] = [`med>=${thresholds[target].minTps}`]
  }
  if (rate === 0) own.gap_tps_ratio = [`med>=${thresholds.gap.minTpsRatio}`]
  for (const [name, least] of Object.entries(thresholds.gap.minLatencyRatio))
    own[`gap_latency_${name}_ratio`] = [`med>=${least}`]
  return own
}

export const options: Options = {
  scenarios: {
    compare: {
      // Who works when is agreed upon at the meetings; k6 only has to keep the virtual users there.
      executor: 'per-vu-iterations',
      exec: 'compare',
      vus: Math.max(...settings.clients),
      iterations: 1,
      maxDuration: '24h',
      gracefulStop: '2s',
    },
  },
  thresholds: expected(),
  // Only what the thresholds and the outputs need: each tag costs the client time on every sample.
  systemTags: ['scenario', 'status', 'error_code'],
  summaryTrendStats: ['avg', 'min', 'med', 'p(95)', 'p(99)', 'max'],
}

const brokenPremises = count('broken_premises')
/** Requests per second in one block; a sample a block. */
const tps = new Trend('tps')
/** First side ÷ last; a sample a pair. */
const tpsRatio = new Trend('gap_tps_ratio')
/** Last side ÷ first; a sample a pair. */
const latencyRatios = {
  p50: new Trend('gap_latency_p50_ratio'),
  p95: new Trend('gap_latency_p95_ratio'),
  p99: new Trend('gap_latency_p99_ratio'),
}
/** Virtual users that blocks of the service had, one connection each. */
const pythonClients = count('python_clients')
/** Arrivals that no virtual user was free to send. k6's own metric of this name counts for its executors only. */
const droppedArrivals = count('dropped_arrivals')

interface Connected extends Client {
  side: Side
  ask: Ask
  /** In the open model. */
  open?: OpenClient
  /** What its first questions were and what was answered, for the comparison with the other sides. */
  asked: [positions: number, answers: number, count: number]
}

/** Questions of a new connection before it counts; Postgres settles on a plan after five. */
const settling = 10

/** A new connection, used a few times so that it is made, its statement prepared and its model loaded. */
function connect(side: Side, phase: Phase, clients: number, pair: number, round: number): Connected {
  const ask = connectSide(side)
  const block = blockName(phase, clients, pair)
  const series = (name: string) =>
    recorder.series({
      target: side.key,
      block: name,
      ...metricOf(side.target),
    })
  const counted = series(block)
  const user = exec.vu.idInInstance
  // All sides of a pair are asked the same keys in the same order.
  const next = draw(settings.seed, user, (clients * 1000 + pair) * 1000 + round)
  const asked: Connected['asked'] = [0, 0, 0]
  try {
    for (let turn = 1; turn <= settling; turn++) {
      const position = next()
      const answer = ask(position)
      asked[0] += position * turn
      asked[1] += bits(answer)
      asked[2]++
    }
    if (side.target === 'python' && side.variant === undefined) pythonClients.add()
    if (isPreparedSide(side) && !isNull(side) && !ask.isPrepared()) {
      brokenPremises.add({ premise: 'prepared' })
      console.error(`client ${user}: the statement is not prepared on the server`)
    }
  } catch (error) {
    console.error(
      `client ${user} could not connect: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  const client: Client = {
    askCounted: askerOf(ask, counted),
    // One for all pairs: nobody looks into it.
    askLead: askerOf(ask, series(blockName('lead', clients, 0))),
    next,
  }
  const further = (what: string) => recorder.series({ target: side.key, block: `${block}_${what}` })
  return {
    ...client,
    side,
    ask,
    asked,
    ...(rate > 0 && { open: { ...client, counted, alone: further('alone'), late: further('late') } }),
  }
}

/**
 * All sides' connections, opened in the given order: who comes first fares otherwise than who comes last, by some percent
 * at one client, so that the order is turned round from one opening to the next.
 */
function connectAll(
  them: Side[],
  phase: Phase,
  clients: number,
  pair: number,
  round: number,
  positions: number[],
): Connected[] {
  const made: Connected[] = []
  for (const position of positions)
    made[position] = connect(them[position] as Side, phase, clients, pair, round)
  return made
}

/** A prediction as its 32-bit float's bits: whole numbers can be summed in any order. */
const bits = (prediction: number) => new Int32Array(new Float32Array([prediction]).buffer)[0] as number

function close(connected: Connected[]): void {
  for (const { ask } of connected) ask.close()
}

export function compare(): void {
  const user = exec.vu.idInInstance
  for (const clients of settings.clients) {
    // The others wait where the number that has a place for them begins.
    if (user > clients) continue
    warmUp(clients)
    for (let pair = 1; pair <= settings.pairs; pair++) measurePair(clients, pair)
  }
}

const arrivals = { rate, patience: 10_000, dropped: () => droppedArrivals.add() }

/** One turn, and the meeting at its end. @returns that meeting */
function takeTurn(
  client: Connected,
  phase: Phase,
  clients: number,
  pair: number,
  turn: number,
  at: number,
  length: number,
) {
  const { side, open } = client
  const { tags } = exec.vu.metrics
  tags.target = side.key
  tags.phase = phase
  tags.clients = String(clients)
  const name = turnName(phase, clients, pair, side, turn)
  return rendezvous.meet(
    name,
    clients,
    open && phase === 'measure'
      ? openTurn(open, arrivals, `${name}/due`, at, length)
      : closedTurn(client, at, length),
  )
}

/** Turns of all sides until each one's rate is steady, or until the time for it is over. */
function warmUp(clients: number): void {
  // Who works at this number for the first time has waited here, without connections: idle ones are no part of fewer clients.
  rendezvous.meet(`enter/${clients}`, clients)
  const connected = sides.map((side) => connect(side, 'warmup', clients, 0, 0))
  const length = Math.min(turnLength(clients), 250)
  const rates = sides.map((): number[] => [])
  const rounds = generator(settings.seed, 0, clients)
  const began = rendezvous.meet(`ready/${clients}/0`, clients).at
  let at = began
  let steady = false
  for (let turn = 0; !steady && at - began < settings.warmupSeconds * 1000; )
    for (const position of order(sides.length, rounds)) {
      const { at: end, sums } = takeTurn(
        connected[position] as Connected,
        'warmup',
        clients,
        0,
        turn++,
        at,
        length,
      )
      rates[position]?.push((sums[0] as number) / (sums[1] as number))
      at = end
      steady = rates.every(isSteady)
    }
  close(connected)
  recorder.retire()
  rendezvous.meet(`warmup/${clients}/over`, clients, [at - began, steady ? 1 : 0])
}

function measurePair(clients: number, pair: number): void {
  // The same for all virtual users.
  const rounds = generator(settings.seed, pair, clients)
  const length = rate > 0 ? openTurnLength : turnLength(clients)
  const last = roundsOf(settings.blockSeconds, length)
  // Arrivals do not wait for connections, so that there those of a pair stay.
  const life = rate > 0 ? last : roundsOfConnection(length)
  const opening = order(sides.length, rounds).slice(sides.length)
  const openingBeside = order(beside.length, rounds).slice(beside.length)
  let connected: Connected[] = []
  let connectedBeside: Connected[] = []
  let turn = 0
  let at = 0
  const done = new Map<string, { requests: number; busyMs: number }>()
  const takeRound = (them: Connected[], phase: Phase, milliseconds: number) => {
    for (const position of order(them.length, rounds)) {
      const client = them[position] as Connected
      const { at: end, sums } = takeTurn(client, phase, clients, pair, turn++, at, milliseconds)
      at = end
      const before = done.get(client.side.key) ?? { requests: 0, busyMs: 0 }
      done.set(client.side.key, {
        requests: before.requests + (sums[0] as number),
        busyMs: before.busyMs + (sums[1] as number),
      })
    }
  }
  for (let round = 0; round < last; round++) {
    if (round % life === 0) {
      close([...connected, ...connectedBeside])
      opening.reverse()
      openingBeside.reverse()
      connected = connectAll(sides, 'measure', clients, pair, round, opening)
      connectedBeside = connectAll(beside, 'beside', clients, pair, round, openingBeside)
      const asked = [...connected, ...connectedBeside].flatMap((one) => (isNull(one.side) ? [] : one.asked))
      at = rendezvous.meet(`ready/${clients}/${pair}/${round}`, clients, asked).at
    }
    takeRound(connected, 'measure', length)
    // Amid the others and on as many connections, so that they meet the same weather.
    if (round % life === Math.floor(Math.min(life, last) / 2))
      takeRound(connectedBeside, 'beside', besideTurnLength(clients))
  }
  close([...connected, ...connectedBeside])
  recorder.retire()
  if (progressFile && exec.vu.idInInstance === 1) {
    const perSecond = sides.map(({ key }) => {
      const { requests, busyMs } = done.get(key) ?? { requests: 0, busyMs: 1 }
      return [key, (requests * clients * 1000) / busyMs]
    })
    const progress: Progress = { clients, pair, pairs: settings.pairs, tps: Object.fromEntries(perSecond) }
    recorder.save(progressFile, JSON.stringify(progress))
  }
}

/** Of the meetings after connecting: whether all sides that predict gave the same answers to the same questions. */
function sameAnswers(): { compared: number; different: number } {
  let [compared, different] = [0, 0]
  for (const [name, { sums }] of Object.entries(rendezvous.meetings())) {
    if (!name.startsWith('ready/') || sums.length === 0) continue
    const all = predicting.map((_, index) => sums.slice(3 * index, 3 * index + 3))
    const [first] = all
    // A side that failed to answer some of them shows in its failures.
    if (all.some((one) => one[2] !== first?.[2])) continue
    compared++
    if (all.some((one) => one.join() !== first?.join())) different++
  }
  return { compared, different }
}

function measuredBlocks() {
  const meetings = rendezvous.meetings()
  const began = Math.min(...Object.values(meetings).map(({ at }) => at))
  return blocksOf([...sides, ...beside], meetings, recorder.export().series, began)
}

export function teardown(): void {
  const measurement = measurementOf(measuredBlocks())
  const { blocks, pairs } = measurement
  if (summaryFile) recorder.save(summaryFile, JSON.stringify(measurement))
  for (const block of blocks)
    if (block.phase === 'measure') tps.add(block.tps, { target: block.key, clients: String(block.clients) })
  for (const pair of pairs) {
    const tags = { target: pair.key, clients: String(pair.clients) }
    tpsRatio.add(pair.tps, tags)
    latencyRatios.p50.add(pair.p50, tags)
    latencyRatios.p95.add(pair.p95, tags)
    latencyRatios.p99.add(pair.p99, tags)
  }
}

function measurementOf(blocks: MeasuredBlock[]): Measurement {
  return {
    version: 2,
    scenario: 'compare',
    startedAt: new Date(startedAt).toISOString(),
    settings: {
      ...settings,
      sides: sides.map(({ key }) => key),
      beside: beside.map(({ key }) => key),
      sessions: 1,
      rate,
      pool: pool(),
      queryMode: queryMode(),
      serializer: serializer(),
    },
    premises: {
      unpreparedClients: brokenPremises.read(),
      pythonConnections: connections.read(),
      pythonClients: pythonClients.read(),
      wrongAnswers: wrongAnswers.read(),
      droppedArrivals: droppedArrivals.read(),
      ...sameAnswers(),
    },
    warmups: warmupsOf(rendezvous.meetings()),
    blocks,
    pairs: pairsOf(predicting, lastSide, blocks),
  }
}

/** Not called where k6 keeps no metrics (`--no-summary --no-thresholds`). */
export function handleSummary(): Record<string, string> {
  return { stdout: shortTable(measurementOf(measuredBlocks())) }
}

/** For those who run this by `k6 run`: a line a block, a line a pair. The command line has the whole report. */
function shortTable({ blocks, pairs }: Measurement): string {
  const cells = (...texts: string[]) => `  ${texts.map((text) => text.padStart(10)).join('')}\n`
  const number = (value: number | null, digits: number) => (value === null ? '-' : value.toFixed(digits))
  let table = cells('clients', 'pair', 'TPS', 'p50 ms', 'p95 ms', 'p99 ms', 'failed', 'side')
  for (const { clients, pair, key, tps, ok, failed } of blocks)
    table += cells(
      String(clients),
      String(pair),
      number(tps, 0),
      number(ok.p50Ms, 3),
      number(ok.p95Ms, 3),
      number(ok.p99Ms, 3),
      String(failed.count),
      `  ${key}`,
    )
  table += `\n${cells('clients', 'pair', 'gap: TPS', 'p50', 'p95', 'p99')}`
  for (const { clients, pair, tps, p50, p95, p99 } of pairs)
    table += cells(String(clients), String(pair), ...[tps, p50, p95, p99].map((ratio) => number(ratio, 2)))
  return `\n${table}\n`
}
