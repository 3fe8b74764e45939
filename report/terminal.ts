/** The run as people read it in a terminal, within 80 columns. */

import { netGap } from '../gap/cost.ts'
import { grouped } from '../gap/grouped.ts'
import { hostRows } from '../gap/hosts.ts'
import type { Ratio } from '../gap/ratio.ts'
import type { Check } from '../gap/verdict.ts'
import { batchesReport } from './batches.ts'
import { colour } from './colour.ts'
import { failuresOf, whatFailuresAre } from './failures.ts'
import { hostsTable } from './hosts.ts'
import { facts, failureLines, heading, mark, premiseLines, wrapped } from './lines.ts'
import { notes } from './notes.ts'
import type { Run } from './run.ts'
import { ends, figure, table, times, withInterval } from './table.ts'
import { accountedInWords, shortTimes } from './time.ts'
import {
  boundInWords,
  clientsInWords,
  judgedInWords,
  machineInWords,
  measuredInWords,
  modesInWords,
  offeredInWords,
  partsInWords,
  rowsAndKeysInWords,
  versionsInWords,
} from './words.ts'

const megabytes = (bytes: number) => `${figure(bytes / 1e6)} MB`
function targetRows({ verdict }: Run): string[][] {
  return verdict.figures.map(({ clients, key, tps, latencyMs, failures }) => [
    key,
    String(clients),
    figure(tps),
    ...[latencyMs.mean, latencyMs.p50, latencyMs.p95, latencyMs.p99, latencyMs.max].map(figure),
    String(failures),
  ])
}

function gapRows(run: Run): string[][] {
  const { verdict, costs, measurement, published } = run
  const { settings, workload } = measurement
  const last = settings.sides.at(-1) ?? ''
  const rows = verdict.gaps.flatMap(({ key, clients, tps, mean, p50, p95, p99 }) => {
    const isFirst = clients === published?.clients && key === workload.sides[0]
    const row = (name: string, ratio: Ratio, theirs?: number) => [
      name,
      String(clients),
      withInterval(ratio),
      isFirst && theirs !== undefined ? times(theirs) : '',
    ]
    const perSecond = settings.rate > 0 ? [] : [row(`TPS, ${key} ÷ ${last}`, tps, published?.gap?.tps)]
    // Another way of predicting is one row: what differs is the prediction, not the way to it.
    if (settings.rate === 0 && settings.beside.includes(key)) return perSecond
    const net = netGap(costs, key, last, clients)
    return [
      ...perSecond,
      row(`mean latency, ${last} ÷ ${key}`, mean, published?.gap?.mean),
      ...(net === undefined ? [] : [['  net of client cost', String(clients), times(net), '']]),
      row('p50 latency', p50),
      row('p95 latency', p95),
      row('p99 latency', p99),
    ]
  })
  if (verdict.trainingMemoryRatio !== undefined)
    rows.push([
      'training memory',
      '',
      times(verdict.trainingMemoryRatio),
      published?.gap?.trainingMemory === undefined ? '' : times(published.gap.trainingMemory),
    ])
  return rows
}

/** Of a gap in TPS, whose it is: a table for each other build of the last side. */
function shareTables({ verdict: { shares = [] }, measurement }: Run): string[] {
  const last = measurement.settings.sides.at(-1)
  return grouped(shares, ({ by }) => by).flatMap((own) => [
    heading('Whose the gap is', `TPS: ÷ ${own[0]?.by}; ${own[0]?.by} ÷ ${last}`),
    table(
      ['', 'clients', 'architecture', 'implementation'],
      own.map(({ key, clients, architecture, implementation }) => [
        ...[key, String(clients)],
        ...[architecture, implementation].map(withInterval),
      ]),
    ),
  ])
}

/** The last column tells how many times as often the client could have asked. */
function costRows({ costs }: Run): string[][] {
  return costs.map(({ key, clients, seenMs, nullMs, netMs, headroom }) => [
    key,
    String(clients),
    ...[seenMs, nullMs, netMs].map(figure),
    times(headroom.median),
  ])
}

const checkRow = (check: Check): string[] => [
  check.threshold,
  check.clients === undefined ? '' : String(check.clients),
  measuredInWords(check),
  boundInWords(check),
  mark[check.outcome],
]

export const thresholdsTable = (checks: Check[]) =>
  table(['', 'clients', 'measured', 'bound', ''], checks.map(checkRow))

export function sentence({ verdict, measurement }: Pick<Run, 'verdict' | 'measurement'>): string {
  const [first] = verdict.gaps
  const thresholds = judgedInWords(verdict)
  if (!first) return `${thresholds[0]?.toUpperCase()}${thresholds.slice(1)}.`
  const { rate, sides } = measurement.settings
  const last = sides.at(-1) ?? ''
  if (rate > 0) {
    const { median, low, high } = first.mean
    const [fast, slow] = median >= 1 ? [first.key, last] : [last, first.key]
    const interval = median >= 1 ? ends(low, high) : ends(1 / high, 1 / low)
    return `At ${rate} requests a second ${fast} answers ${figure(Math.max(median, 1 / median))} times as fast as ${slow} ${interval}; ${thresholds}.`
  }
  const gap =
    first.tps.median >= 1
      ? `${first.key} gives ${figure(first.tps.median)} times as many answers as ${last}`
      : `${last} gives ${figure(1 / first.tps.median)} times as many answers as ${first.key}`
  const { low, high } = first.tps
  const interval = first.tps.median >= 1 ? ends(low, high) : ends(1 / high, 1 / low)
  return `At ${clientsInWords(first.clients)} ${gap} ${interval}; ${thresholds}.`
}

export function terminalReport(run: Run): string {
  const { measurement, training, parity, machine, versions, targets, verdict } = run
  const { seed, pairs, sessions, rate, sides } = measurement.settings
  const said = notes(run)
  const modes = modesInWords(measurement)
  const shares = partsInWords(measurement)
  const outside = shortTimes(measurement)
  const failures = failuresOf(run)
  const parts = [
    heading('Sides') +
      colour.dim(
        rate > 0
          ? `  (${rate} requests a second due; latency in ms from when each was)`
          : '  (latency in ms, as the client sees it)',
      ),
    table(['side', 'clients', 'TPS', 'mean', 'p50', 'p95', 'p99', 'max', 'failed'], targetRows(run)),
  ]
  if (training)
    parts.push(
      heading('Training'),
      table(
        ['side', 'peak memory', 'time', 'measured by'],
        Object.entries(training).map(([side, { peakBytes, seconds, peakMethod }]) => [
          side,
          megabytes(peakBytes),
          `${figure(seconds)} s`,
          peakMethod,
        ]),
      ),
    )
  if (run.serving)
    parts.push(
      heading('Memory of serving') + colour.dim('  (resident, what processes share counts once)'),
      table(
        ['', 'clients', 'memory'],
        run.serving.flatMap(({ clients, parts }) =>
          parts.map(({ side, what, bytes }) => [`${side}: ${what}`, String(clients), megabytes(bytes)]),
        ),
      ),
    )
  const hosts = hostRows(measurement)
  if (hosts.length > 0) parts.push(heading('Hosts', 'of sides that are several'), hostsTable(hosts))
  if (run.costs.length > 0)
    parts.push(
      heading('Client cost') +
        colour.dim('  (ms of a client for an answer; null: by a server that does nothing)'),
      table(['side', 'clients', 'as seen', 'null', 'net', 'headroom'], costRows(run)),
    )
  if (verdict.gaps.length > 0)
    parts.push(
      heading('Gap') +
        colour.dim(
          `  (median of ${pairs} pairs in ${sessions} session${sessions === 1 ? '' : 's'} [95 %]; above 1 ${sides.at(-1)} loses)`,
        ),
      table(['', 'clients', 'here', run.published ? 'published' : ''], gapRows(run)),
    )
  parts.push(...shareTables(run))
  if (run.batches) parts.push(batchesReport(run.batches))
  parts.push(
    ...(verdict.checks.length > 0 ? [heading('Thresholds'), thresholdsTable(verdict.checks)] : []),
    ...(outside
      ? [
          heading('Outside the turns') +
            colour.dim(`  (seconds of a client; ${accountedInWords(measurement)})`),
          table(outside[0] as string[], outside.slice(1)),
        ]
      : []),
    heading('Premises'),
    ...premiseLines(run.premises),
    ...(failures.length > 0
      ? [`${heading('Failures')}${colour.dim(`  (${whatFailuresAre})`)}`, ...failureLines(failures)]
      : []),
    ...(said.length > 0
      ? [heading('Notes'), ...said.map((note) => `  ${colour.yellow('!')} ${wrapped(note, 74, 4)}`)]
      : []),
    heading('Run'),
    facts([
      ['machine', machineInWords(machine)],
      ...Object.entries(targets),
      ['versions', versionsInWords(versions)],
      ...(shares ? [['parts', shares] as [string, string]] : []),
      ...(run.between ? [['between', run.between] as [string, string]] : []),
      ...(run.offered ? [['offered', offeredInWords(run.offered)] as [string, string]] : []),
      ...(modes ? [['query mode', modes] as [string, string]] : []),
      ...rowsAndKeysInWords(run.workload),
      ['seed', String(seed)],
      ...(parity
        ? [['parity', `${parity.keys} keys, ${parity.identical} bit-identical`] as [string, string]]
        : []),
      ['repeat', run.command],
    ]),
    '',
    colour.bold(sentence(run)),
  )
  return parts.join('\n')
}
