/**
 * Parts of one comparison, each measured by a k6 of its own, put together: what one k6 would have measured. Histograms are added, rates are
 * answers of all ÷ the mean time that all were busy, ratios are those of the whole pairs.
 */
import * as hdr from 'hdr-histogram-js'
import { BadInput } from '../build/failure.ts'
import { usersIn } from '../workload/parts.ts'
import { mergedHistogram } from './figures.ts'
import { grouped } from './grouped.ts'
import type {
  FailureKind,
  Latencies,
  MeasuredBlock,
  Measurement,
  OwnPart,
  Spent,
  Warmup,
} from './measurement.ts'
import { merged } from './merge.ts'
import { pairsOf } from './pairs.ts'
import { sum } from './sum.ts'

/** A part, and the file that it was read from. */
export interface GivenPart {
  file: string
  measurement: Measurement
}

interface Known extends GivenPart {
  part: OwnPart
}

/** What must be alike in all parts: by the name that a message gives it. */
const alike = ({ measurement: { settings, workload }, part }: Known): Record<string, unknown> => ({
  ...settings,
  'number of parts': part.of,
  'turns of, in ms': part.turnMs,
  'the workload': workload.name,
  'the sides': workload.asked.map(({ key }) => key),
  'how they are asked': workload.asked,
  'the version of the program': part.made.program,
  'the version of the workload': part.made.workload,
  'the keys': part.made.keys,
})

const shownValue = (value: unknown) => {
  const text = JSON.stringify(value) ?? 'none'
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

/** @param but what may differ @throws {BadInput} naming files, what differs, and both values */
function checkAlike(parts: readonly Known[], but: readonly string[]): void {
  const [first, ...others] = parts
  if (!first) return
  const expected = alike(first)
  for (const other of others)
    for (const [what, value] of Object.entries(alike(other)))
      if (!but.includes(what) && JSON.stringify(value) !== JSON.stringify(expected[what]))
        throw new BadInput(
          `${other.file} is no part of what ${first.file} is of: ${what} is ${shownValue(value)}, there ${shownValue(expected[what])}`,
          'Name the parts of one comparison, which were started with the same variables by the same build',
        )
}

function known({ file, measurement }: GivenPart): Known {
  const [part] = measurement.parts ?? []
  if (!part || measurement.parts?.length !== 1)
    throw new BadInput(
      `${file} is no part of a comparison`,
      'Give what each k6 left at SUMMARY_FILE where START_AT was set',
    )
  return { file, measurement, part }
}

function checkOnce(parts: readonly Known[]): void {
  const seen = new Map<number, string>()
  for (const { file, part } of parts) {
    const earlier = seen.get(part.part)
    if (earlier !== undefined)
      throw new BadInput(
        `${file} and ${earlier} are both part ${part.part} of ${part.of}`,
        'Give each part once; each k6 needs an execution segment of its own',
      )
    seen.set(part.part, file)
  }
}

/** Of a sample, from those of its pieces. */
function deviationOf(pieces: readonly Latencies[], count: number, mean: number): number | null {
  if (count < 2) return null
  const squares = pieces.map(
    (piece) =>
      (piece.count - 1) * (piece.stdevMs ?? 0) ** 2 + piece.count * ((piece.meanMs ?? 0) - mean) ** 2,
  )
  return Math.sqrt(sum(squares) / (count - 1))
}

/** As if one had seen them all. */
export function together(all: readonly Latencies[]): Latencies {
  const pieces = all.filter(({ count }) => count > 0)
  const [first, ...more] = pieces
  if (!first) return all[0] as Latencies
  if (more.length === 0) return first
  const count = sum(pieces.map((piece) => piece.count))
  const meanMs = sum(pieces.map((piece) => piece.count * (piece.meanMs ?? 0))) / count
  const histogram = mergedHistogram(pieces)
  const at = (rank: number) => histogram.getValueAtPercentile(rank) / 1e6
  return {
    count,
    minMs: Math.min(...pieces.map(({ minMs }) => minMs ?? Number.POSITIVE_INFINITY)),
    maxMs: Math.max(...pieces.map(({ maxMs }) => maxMs ?? 0)),
    meanMs,
    stdevMs: deviationOf(pieces, count, meanMs),
    p50Ms: at(50),
    p90Ms: at(90),
    p95Ms: at(95),
    p99Ms: at(99),
    p999Ms: at(99.9),
    histogram: hdr.encodeIntoCompressedBase64(histogram),
  }
}

interface PartOfBlock {
  block: MeasuredBlock
  users: number
}

/** Turn by turn: all parts had the same. */
const turnsOf = (own: readonly MeasuredBlock[]): MeasuredBlock['turns'] =>
  own
    .reduce<MeasuredBlock['turns']>((a, { turns }) => (turns.length > a.length ? turns : a), [])
    .map((_, at) => {
      const same = own.flatMap(({ turns }) => turns[at] ?? [])
      return {
        endMs: Math.max(...same.map(({ endMs }) => endMs)),
        requests: sum(same.map(({ requests }) => requests)),
        busyMs: sum(same.map(({ busyMs }) => busyMs)),
      }
    })

function openOf(own: readonly MeasuredBlock[]): Pick<MeasuredBlock, 'open'> {
  const all = own.flatMap(({ open }) => open ?? [])
  const [first] = all
  if (!first) return {}
  const due = sum(all.map((each) => each.due))
  return {
    open: {
      rate: first.rate,
      due,
      waited: sum(all.map(({ waited }) => waited)),
      dropped: sum(all.map(({ dropped }) => dropped)),
      growth: due > 0 ? sum(all.map((each) => each.growth * each.due)) / due : 0,
    },
  }
}

function blockOf(parts: readonly PartOfBlock[]): MeasuredBlock {
  const own = parts.map(({ block }) => block)
  const [first] = own as [MeasuredBlock]
  const ok = together(own.map((block) => block.ok))
  const windowMs =
    sum(parts.map(({ block, users }) => block.windowMs * users)) / sum(parts.map(({ users }) => users))
  const late = own.flatMap((block) => block.late ?? [])
  const concurrencies = own.flatMap(({ concurrency }) => concurrency ?? [])
  const workers: Record<string, number> = {}
  for (const block of own)
    for (const [worker, count] of Object.entries(block.workers))
      workers[worker] = (workers[worker] ?? 0) + count
  // Whether a request found no other on its way no part knows of the others.
  const { alone: _, hosts: __, ...shared } = first
  const hosts = grouped(
    own.flatMap((block) => block.hosts ?? []),
    ({ name }) => name,
  ).map((same) => ({
    name: same[0]?.name ?? '',
    ok: together(same.map((each) => each.ok)),
    failed: together(same.map((each) => each.failed)),
  }))
  return {
    ...shared,
    windowMs,
    tps: ok.count / (windowMs / 1000),
    ok,
    failed: together(own.map(({ failed }) => failed)),
    ...(late.length > 0 && { late: together(late) }),
    ...openOf(own),
    concurrency: concurrencies.length === own.length ? sum(concurrencies) : null,
    turns: turnsOf(own),
    workers,
    ...(hosts.length > 0 && { hosts }),
  }
}

const largest = (values: readonly (number | null)[]) => {
  const some = values.flatMap((value) => value ?? [])
  return some.length > 0 ? Math.max(...some) : null
}

/** Half of them take at most as long as in the part where that is most. */
const spentOf = (own: readonly Spent[]): Spent => ({
  ...(own[0] as Spent),
  count: sum(own.map(({ count }) => count)),
  failed: sum(own.map(({ failed }) => failed)),
  totalMs: sum(own.map(({ totalMs }) => totalMs)),
  medianMs: largest(own.map(({ medianMs }) => medianMs)),
  largestMs: largest(own.map(({ largestMs }) => largestMs)),
})

const warmupOf = (own: readonly Warmup[]): Warmup => ({
  ...(own[0] as Warmup),
  seconds: Math.max(...own.map(({ seconds }) => seconds)),
  steady: own.every(({ steady }) => steady),
})

const failureOf = (own: readonly FailureKind[]): FailureKind => ({
  ...(own[0] as FailureKind),
  count: sum(own.map(({ count }) => count)),
})

function premisesOf(all: readonly Measurement['premises'][]): Measurement['premises'] {
  const of = (name: Exclude<keyof Measurement['premises'], 'compared'>) => sum(all.map((each) => each[name]))
  const compared = all.flatMap((each) => each.compared ?? [])
  return {
    unpreparedClients: of('unpreparedClients'),
    wrongAnswers: of('wrongAnswers'),
    droppedArrivals: of('droppedArrivals'),
    compared: compared.length === all.length ? sum(compared) : null,
    different: of('different'),
  }
}

/** All parts of one session. */
function session(parts: readonly Known[]): Measurement {
  checkOnce(parts)
  const all = parts.map(({ measurement }) => measurement)
  const [first] = all as [Measurement]
  const blocks = grouped(
    parts.flatMap(({ measurement, part }) =>
      measurement.blocks.map((block) => ({
        block,
        users: usersIn({ index: part.part - 1, of: part.of }, block.clients),
      })),
    ),
    ({ block: { key, name } }) => [key, name],
  ).map(blockOf)
  const { sides, rate } = first.settings
  const pairs =
    rate > 0 && first.pairs.length === 0 ? [] : pairsOf(predicting(first), sides.at(-1) ?? '', blocks)
  const list = <Of>(of: (measurement: Measurement) => readonly Of[] | undefined) =>
    all.flatMap((each) => of(each) ?? [])
  return {
    ...first,
    startedAt: all.map(({ startedAt }) => startedAt).sort()[0] ?? first.startedAt,
    premises: premisesOf(all.map(({ premises }) => premises)),
    connections: grouped(
      list(({ connections }) => connections),
      ({ key, clients }) => [key, clients],
    ).map((own) => ({
      ...(own[0] as NonNullable<Measurement['connections']>[number]),
      opened: sum(own.map(({ opened }) => opened)),
      replaced: sum(own.map(({ replaced }) => replaced)),
    })),
    time: {
      sessions: list(({ time }) => time?.sessions),
      spent: grouped(
        list(({ time }) => time?.spent),
        ({ key, clients, phase, stage }) => [key, clients, phase, stage],
      ).map(spentOf),
    },
    warmups: grouped(
      list(({ warmups }) => warmups),
      ({ clients }) => clients,
    ).map(warmupOf),
    blocks,
    pairs,
    failures: grouped(
      list(({ failures }) => failures),
      ({ key, clients, phase, kind }) => [key, clients, phase, kind],
    ).map(failureOf),
    parts: parts.map(({ part }) => part).sort((a, b) => a.part - b.part),
  }
}

const predicting = ({ workload, settings: { sides, beside } }: Measurement) =>
  workload.asked.filter(({ key, role }) => role === 'predict' && [...sides, ...beside].includes(key))

/**
 * Parts that began at one moment are one session; a seed of its own each session may have.
 * @throws {BadInput} naming the file that is no part of this
 */
export function joined(given: readonly GivenPart[]): Measurement {
  const parts = given.map(known)
  const starts = [...new Set(parts.map(({ part }) => part.startAt))].sort()
  const sessions = starts.map((start) => parts.filter(({ part }) => part.startAt === start))
  for (const own of sessions) checkAlike(own, [])
  checkAlike(
    sessions.flatMap(([first]) => first ?? []),
    ['seed'],
  )
  return merged(sessions.map(session))
}
