/** What the comparison scenario hands over: the only place where its form is written down. */
import { readFile } from 'node:fs/promises'
import * as hdr from 'hdr-histogram-js'
import { z } from 'zod'
import { CouldNotMeasure } from '../build/failure.ts'
import { shown } from '../build/paths.ts'
import { misfitsOf } from '../build/user-file.ts'
import { inLines } from '../workload/misfit.ts'

/** A side as far as its figures need to know it. */
const sideFacts = z.object({
  /** Unique in the run: its declared name, or what derives from it, as `database-simple` or `database_2`. */
  key: z.string(),
  /** Name of the declared side that it derives from. */
  base: z.string(),
  protocol: z.enum(['sql', 'http']),
  role: z.enum(['predict', 'null', 'part']),
  /** Of a null operation or a part of the way: the side that it belongs to. */
  of: z.string().optional(),
  /** Of a part: what is done up to there, in words. */
  until: z.string().optional(),
  /** Keys that each request asks for at once; absent: one, and not as a list. */
  size: z.int().positive().optional(),
  /** How its queries are sent. */
  mode: z.enum(['simple', 'extended', 'prepared']).optional(),
})
const count = z.int().nonnegative()
/** Milliseconds; null where nothing was recorded. */
const ms = z.number().nonnegative().nullable()

function isHistogram(text: string): boolean {
  try {
    hdr.decodeFromCompressedBase64(text, 64)
    return true
  } catch {
    return false
  }
}

/** Latencies of the requests that ended alike, as seen by the client. */
const latencies = z
  .object({
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
  .refine(({ count, histogram }) => count === 0 || isHistogram(histogram), {
    path: ['histogram'],
    error: 'expected an HdrHistogram (V2, compressed, base64)',
  })

const block = z.object({
  name: z.string(),
  /** The side. */
  key: z.string(),
  /** What is asked beside the sides themselves: null operations, and other ways of predicting. */
  phase: z.enum(['measure', 'beside']),
  clients: count,
  /** From 1. */
  pair: count,
  /** From 1: targets and k6 are started anew for each. */
  session: count,
  /** Milliseconds that the clients were busy, their mean: each turn from its lead's end to the end of its last request. */
  windowMs: z.number().positive(),
  /** Right answers per second. */
  tps: z.number().nonnegative(),
  ok: latencies,
  failed: latencies,
  /** In the open model: the requests that found no other on its way. */
  alone: latencies.optional(),
  /** There, too: how late a client that was free sent them, which is its own part of their latency. */
  late: latencies.optional(),
  /** Likewise: what was due, and whether the side kept up. Runs of before have none. */
  open: z
    .object({
      /** Requests a second, in the mean. */
      rate: z.number().positive(),
      /** Requests that were due and count. */
      due: count,
      /** Of these, those that found no client free: the side kept all of them waiting. */
      waited: count,
      /** Of these, those that were given up. */
      dropped: count,
      /** Seconds by which the latency grew in each second: 1 − served ÷ due where more is due than is served. */
      growth: z.number(),
    })
    .optional(),
  /** Clients by Little's law: requests a second in fixed windows × mean iteration; null where nothing can be said. */
  concurrency: z.number().nonnegative().nullable(),
  turns: z.array(
    z.object({
      /** Milliseconds since the first meeting of the session. */
      endMs: z.number(),
      requests: count,
      /** Of all clients together. */
      busyMs: z.number().nonnegative(),
    }),
  ),
  /** Right answers by the worker that gave them, where the target says. */
  workers: z.record(z.string(), count),
  /** Where the side is several hosts: latencies by host. */
  hosts: z.array(z.object({ name: z.string(), ok: latencies, failed: latencies })).optional(),
})

/** Ratios of two blocks of one pair, a side's and the last side's; above 1 where the former wins. */
const pair = z.object({
  /** The former. */
  key: z.string(),
  clients: count,
  pair: count,
  session: count,
  tps: z.number().positive(),
  mean: z.number().positive(),
  p50: z.number().positive(),
  p95: z.number().positive(),
  p99: z.number().positive(),
})

const warmup = z.object({
  clients: count,
  session: count,
  seconds: z.number().nonnegative(),
  /** Whether the rates of all sides were steady when it ended; else its time was over. */
  steady: z.boolean(),
})

/** Where in a run something failed; only what failed in the two last is a failed request. */
export const failurePhases = ['opening', 'warmup', 'lead', 'measure', 'beside'] as const

/** Failures of one kind, of one side at one number of clients. */
const failureKind = z.object({
  /** The side. */
  key: z.string(),
  clients: count,
  session: count,
  phase: z.enum(failurePhases),
  /** `SQLSTATE 53300`, `HTTP 302`, `ECONNREFUSED`, `time-out`, `wrong answer`, … */
  kind: z.string(),
  count,
  /** What the first one said, shortened. */
  message: z.string(),
})

/**
 * What a session's users did all the time: `opening` a connection until its first answer; `settling` by further first questions; the
 * `lead` of a turn; the requests of a turn, which are what is `counted`; `waiting` for other users; `resting` until a moment that several k6
 * share; `closing`.
 */
const stage = z.enum(['opening', 'settling', 'lead', 'counted', 'waiting', 'resting', 'closing'])

const spent = z.object({
  /** The side's; null: the time was no single side's. */
  key: z.string().nullable(),
  clients: count,
  session: count,
  /** Measured turns and those beside them are one. */
  phase: z.enum(['warmup', 'measure']),
  stage,
  /** Connections, meetings, or requests (of a lead, and of what is counted). */
  count,
  /** Of these, those that failed; of what is counted the blocks tell. */
  failed: count,
  /** Of all clients together. */
  totalMs: z.number().nonnegative(),
  /** Of one; of what is counted the blocks tell. */
  medianMs: ms,
  largestMs: ms,
})

const sessionTime = z.object({
  session: count,
  startedAt: z.iso.datetime(),
  /** Milliseconds from the beginning of k6's process to the end of the last pair. */
  lengthMs: z.number().nonnegative(),
  /** Until the first virtual users had met. */
  startupMs: z.number().nonnegative(),
  /** For so many milliseconds of the length it is known what was done. */
  accountedMs: z.number().nonnegative(),
})

/** One of several k6 that shared a comparison. */
const ownPart = z.object({
  /** From 1. */
  part: z.int().positive(),
  of: z.int().positive(),
  session: count,
  /** When all of them began. */
  startAt: z.iso.datetime(),
  /** Milliseconds of a turn at the least. */
  turnMs: z.number().positive(),
  /** That were measured; and those of them that it began late by more than a tenth. */
  turns: count,
  late: count,
  /** By how much its clock was ahead of one that all could ask; null where none was told. */
  skew: z
    .object({
      /** The side whose clock that was. */
      key: z.string(),
      aheadMs: z.number(),
      /** By so much it may be wrong. */
      withinMs: z.number().nonnegative(),
    })
    .nullable(),
  /** What it ran on: a name, and the cores that k6 could use. */
  machine: z.object({ host: z.string(), cores: z.int().positive() }),
  /** SHA-256 of what was run and asked. */
  made: z.object({ program: z.string(), workload: z.string(), keys: z.string() }),
})

export const measurementSchema = z
  .object({
    version: z.literal(3),
    scenario: z.literal('compare'),
    workload: z.object({
      name: z.string(),
      /** Sides as declared, the last one last: thresholds are about these. */
      sides: z.array(z.string()),
      /** All that were asked. */
      asked: z.array(sideFacts),
    }),
    /** When k6's process began. */
    startedAt: z.iso.datetime(),
    settings: z.object({
      /** In the open model the most virtual users. */
      clients: z.array(count),
      /** At each number of clients, in all sessions together. */
      pairs: count,
      sessions: count,
      /** Requests a second that were due, or 0 in the closed model; where each side had its own, the largest, rounded up. */
      rate: count,
      /** Connections to a database that all clients shared, or 0 where each had its own. */
      pool: count,
      blockSeconds: z.number(),
      /** At most. */
      warmupSeconds: z.number(),
      seed: count,
      /** Their keys; the last is what the others are compared with. */
      sides: z.array(z.string()),
      /** Keys of what was asked beside them. */
      beside: z.array(z.string()),
    }),
    premises: z.object({
      /** Connections of virtual users whose statement was not prepared although it should be. */
      unpreparedClients: count,
      wrongAnswers: count,
      /** Arrivals of the open model that no virtual user was free to send. */
      droppedArrivals: count,
      /** How often, after connecting, all sides were asked the same, and how often their answers differed. */
      compared: count.nullable(),
      different: count,
    }),
    /** Connections of the turns that are measured, by side and number of clients; runs of before have no such list. */
    connections: z
      .array(
        z.object({
          key: z.string(),
          clients: count,
          session: count,
          /** By the clients, whenever connections are opened anew. */
          opened: count,
          /** Opened besides, each in the place of one that was lost. */
          replaced: count,
        }),
      )
      .optional(),
    /** Where all time of the run went; likewise. */
    time: z.object({ sessions: z.array(sessionTime), spent: z.array(spent) }).optional(),
    warmups: z.array(warmup),
    blocks: z.array(block),
    pairs: z.array(pair),
    /** Runs of before these were counted have none. */
    failures: z.array(failureKind).default(() => []),
    /** Where several k6 shared it, those that are in it. */
    parts: z.array(ownPart).min(1).optional(),
  })
  .superRefine(({ settings: { clients, sides, beside }, workload, blocks }, context) => {
    const refuse = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    for (const [list, keys] of Object.entries({ sides, beside }))
      for (const [index, key] of keys.entries())
        if (!workload.asked.some((side) => side.key === key))
          refuse(['settings', list, index], 'expected a side that workload.asked tells of')
    // Where nothing was measured nothing can be judged, and no threshold holds.
    for (const [index, list] of Object.entries({ clients, sides }))
      if (list.length === 0) refuse(['settings', index], 'expected at least one')
    for (const key of sides)
      for (const count of clients)
        if (!blocks.some((one) => one.phase === 'measure' && one.key === key && one.clients === count))
          refuse(['blocks'], `expected a block of ${key} at ${count} clients`)
  })
/** What the scenario tells after each pair. */
const progressSchema = z.object({
  clients: count,
  pair: count,
  /** Of so many at this number of clients. */
  pairs: count,
  /** Requests a second in the pair, by side. */
  tps: z.record(z.string(), z.number()),
})

export type Progress = z.infer<typeof progressSchema>

/** Undefined where it is not of this form. */
export function parseProgress(text: string): Progress | undefined {
  try {
    return progressSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

export type Spent = z.infer<typeof spent>
export type Stage = Spent['stage']
export type OwnPart = z.infer<typeof ownPart>
export type Measurement = z.infer<typeof measurementSchema>

/** Whether the rate was given, as in the open model: then answers a second are what was offered, and no gap. */
export const isOpenModel = ({ settings }: Pick<Measurement, 'settings'>): boolean => settings.rate > 0
export type MeasuredBlock = z.infer<typeof block>
export type Pair = z.infer<typeof pair>
export type FailureKind = z.infer<typeof failureKind>
export type FailurePhase = (typeof failurePhases)[number]
export type Warmup = z.infer<typeof warmup>
export type Latencies = z.infer<typeof latencies>
export type SideFacts = z.infer<typeof sideFacts>

/** @throws {RangeError} where the measurement knows no such side */
export function sideOf({ workload }: Pick<Measurement, 'workload'>, key: string): SideFacts {
  const found = workload.asked.find((side) => side.key === key)
  if (!found) throw new RangeError(`the measurement knows no side ${key}`)
  return found
}

/** Keys of the sides whose answers are predictions, in the order in which they are told of everywhere. */
export const predictingSides = (measurement: Pick<Measurement, 'workload' | 'settings'>): string[] =>
  [...measurement.settings.sides, ...measurement.settings.beside].filter(
    (key) => sideOf(measurement, key).role === 'predict',
  )

/** @throws {CouldNotMeasure} when this is not what the scenario hands over */
export function parseMeasurement(text: string, from = 'what k6 handed over'): Measurement {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new CouldNotMeasure(`${from} cannot be read`, "k6's log may say why", { cause })
  }
  const parsed = measurementSchema.safeParse(json)
  if (!parsed.success)
    throw new CouldNotMeasure(`${from} has another form:\n${inLines(misfitsOf(parsed.error, json))}`)
  return parsed.data
}

/** @throws {CouldNotMeasure} when the scenario left no summary, or one of another form */
export async function readMeasurement(file: string): Promise<Measurement> {
  return parseMeasurement(await readFile(file, 'utf8').catch(() => ''), shown(file))
}
