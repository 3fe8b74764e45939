/** What the comparison scenario hands over: the only place where its form is written down. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { CouldNotMeasure } from '../build/failure.ts'
import { shown } from '../build/paths.ts'
import { explain } from './thresholds.ts'

const targetName = z.enum(['postgres', 'python'])
const count = z.int().nonnegative()
/** Milliseconds; null where nothing was recorded. */
const ms = z.number().nonnegative().nullable()

/** Latencies of the requests that ended alike, as seen by the client. */
const latencies = z.object({
  count,
  minMs: ms,
  maxMs: ms,
  meanMs: ms,
  stdevMs: ms,
  p50Ms: ms,
  p90Ms: ms,
  p95Ms: ms,
  p99Ms: ms,
  p999Ms: ms,
  /** HdrHistogram V2, compressed, base64; unit nanoseconds. Empty where nothing was recorded. */
  histogram: z.string(),
})

const block = z.object({
  name: z.string(),
  target: targetName,
  /** 0 or 1: position of its side in `settings.sides`. */
  side: count,
  clients: count,
  phase: z.enum(['warmup', 'measure']),
  /** From 1; 0 for a warm-up. */
  pair: count,
  /** Seconds from the test's start. */
  start: z.number(),
  /** Seconds. */
  duration: z.number(),
  /** Milliseconds of the steady window, in which all of the following was counted. */
  windowMs: z.number().positive(),
  /** Right answers per second. */
  tps: z.number().nonnegative(),
  ok: latencies,
  failed: latencies,
  /** Right answers per 100 ms of the window. */
  slices: z.array(count),
  /** Right answers by the worker that gave them, where the target says. */
  workers: z.record(z.string(), count),
})

/** Ratios of the two blocks of one pair; above 1 where the database wins. */
const pair = z.object({
  clients: count,
  pair: count,
  tps: z.number().positive(),
  mean: z.number().positive(),
  p50: z.number().positive(),
  p95: z.number().positive(),
  p99: z.number().positive(),
})

const measurementSchema = z.object({
  version: z.literal(1),
  scenario: z.literal('compare'),
  startedAt: z.iso.datetime(),
  settings: z.object({
    clients: z.array(count),
    pairs: count,
    blockSeconds: z.number(),
    warmupSeconds: z.number(),
    seed: count,
    /** The target of each side. */
    sides: z.array(targetName),
    queryMode: z.enum(['simple', 'extended', 'prepared']),
  }),
  premises: z.object({
    /** Connections of virtual users whose statement was not prepared although it should be. */
    unpreparedClients: count,
    /** Connections that k6 opened to the service in the whole test, and how many virtual users blocks had in all. */
    pythonConnections: count,
    pythonClients: count,
    wrongAnswers: count,
  }),
  blocks: z.array(block),
  pairs: z.array(pair),
})

export type Measurement = z.infer<typeof measurementSchema>
export type MeasuredBlock = z.infer<typeof block>
export type Pair = z.infer<typeof pair>
export type Latencies = z.infer<typeof latencies>
export type TargetName = z.infer<typeof targetName>

/** @throws {CouldNotMeasure} when the scenario left no summary, or one of another form */
export async function readMeasurement(file: string): Promise<Measurement> {
  let json: unknown
  try {
    json = JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new CouldNotMeasure(`k6 left no readable summary in ${shown(file)}`, 'Its log stands beside it', {
      cause,
    })
  }
  const parsed = measurementSchema.safeParse(json)
  if (!parsed.success)
    throw new CouldNotMeasure(`${shown(file)} has another form:\n${explain(parsed.error, json).join('\n')}`)
  return parsed.data
}
