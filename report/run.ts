/** All that is known about one run: what every form of the report is made from, and what `gate` judges again. */
import { z } from 'zod'
import { batchRowSchema } from '../gap/batches.ts'
import { measurementSchema } from '../gap/measurement.ts'
import { reasonsNotJudged } from '../gap/not-judged.ts'
import { thresholdsSchema } from '../gap/thresholds.ts'
import { runOutcomes } from '../gap/verdict.ts'
import { published } from '../workload/schema.ts'
import { upgraded } from './earlier.ts'

const machine = z.object({
  host: z.string().optional().meta({ description: 'its name' }),
  system: z.string(),
  processor: z.string(),
  cores: z.number(),
  memory: z.number().meta({ description: 'bytes' }),
})

const trainingReport = z.object({
  seconds: z.number().meta({ description: 'from the beginning of the read to the stored model' }),
  peakBytes: z.number(),
  peakMethod: z.enum(['VmHWM', 'sampled', 'ru_maxrss']).meta({ description: 'how the peak was measured' }),
  trainedAt: z.string().meta({ description: 'ISO time; a later run that changes nothing keeps the model' }),
})

const ratio = z
  .object({ median: z.number(), low: z.number(), high: z.number(), pairs: z.number() })
  .meta({ description: 'median of the pairs and the ends of its 95 % interval' })

/** A latency of which there is none is NaN in memory and null in JSON. */
const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN)

const figures = z.object({
  key: z.string(),
  clients: z.number(),
  tps: figure,
  latencyMs: z.object({ mean: figure, p50: figure, p95: figure, p99: figure, max: figure }),
  requests: z.number(),
  failures: z.number(),
  failureRate: z.number(),
})

const gap = z.object({
  key: z.string().meta({ description: 'the side that is compared with the last one' }),
  clients: z.number(),
  tps: ratio,
  mean: ratio,
  p50: ratio,
  p95: ratio,
  p99: ratio,
})

const share = z.object({
  key: z.string().meta({ description: 'the side that is compared with the last one' }),
  by: z.string().meta({ description: 'another build of the last side' }),
  clients: z.number(),
  architecture: ratio.meta({ description: 'TPS, key ÷ by' }),
  implementation: ratio.meta({ description: 'TPS, by ÷ the last side' }),
})

const outcome = z.enum(['pass', 'fail', 'undecided'])

const check = z.object({
  threshold: z.string().meta({ description: 'path in thresholds.json' }),
  clients: z.number().optional(),
  measured: figure,
  interval: z.tuple([z.number(), z.number()]).optional(),
  relation: z.enum(['≤', '≥']),
  bound: z.number(),
  unit: z.enum(['ms', 'TPS', 'share', 'times']),
  outcome,
})

export const missedSchema = z
  .array(
    z.object({
      what: z.string(),
      kind: z.string().meta({ description: 'as those of measurement.failures' }),
      message: z.string(),
    }),
  )
  .optional()
  .meta({ description: 'what could not be found out once the load was over' })

/** What was asked. */
export const askedWorkload = z.object({
  name: z.string(),
  digest: z.string().meta({ description: 'SHA-256 of the workload, with the files that it names' }),
  rows: z
    .string()
    .optional()
    .meta({ description: 'what embedded targets were loaded with; absent: what comes with the project' }),
  keys: z.number().meta({ description: 'how many there are to draw from' }),
  keysInAll: z
    .number()
    .optional()
    .meta({ description: 'of how many these have been drawn by the seed; absent: these are all' }),
  draw: z.string(),
  answers: z.string().meta({ description: 'of which kind, and when two are the same' }),
})
export type AskedWorkload = z.infer<typeof askedWorkload>

export const runSchema = z
  .object({
    version: z.literal(3),
    startedAt: z.iso.datetime(),
    command: z.string().meta({ description: 'repeats the run' }),
    machine,
    versions: z.record(z.string(), z.string()).meta({ description: 'of everything that takes part' }),
    workload: askedWorkload.optional(),
    targets: z.record(z.string(), z.string()).meta({
      description: 'by side, how each is set up, as it says itself: address, workers, threads, settings',
    }),
    published: published.optional().meta({ description: "somebody else's figures, shown beside these" }),
    between: z.string().optional().meta({ description: 'what lies between the clients and a database' }),
    offered: z
      .object({
        share: z.number().positive(),
        of: z.string().meta({ description: 'the slower side' }),
        capacity: z.number().positive().meta({ description: 'requests a second that it served' }),
        clients: z.number().meta({ description: 'of the closed model that it served them to' }),
      })
      .optional()
      .meta({ description: 'where the rate was given as a share: of what' }),
    parity: z
      .object({
        keys: z.number(),
        identical: z.number(),
        largestRelativeDifference: z.number(),
        predictions: z.string().meta({ description: "SHA-256 of the first side's answers" }),
      })
      .optional()
      .meta({ description: 'absent where answers are not compared' }),
    training: z.record(z.string(), trainingReport).optional().meta({ description: 'by side' }),
    serving: z
      .array(
        z.object({
          clients: z.number(),
          parts: z.array(
            z.object({
              side: z.string(),
              what: z.string().meta({ description: 'a part of the side that has processes of its own' }),
              bytes: z.number(),
            }),
          ),
        }),
      )
      .optional()
      .meta({
        description: 'what the embedded targets have resident with so many clients, shared memory once',
      }),
    batches: z.array(batchRowSchema).optional().meta({
      description: 'several keys asked at once, at the clients that are served the most single ones',
    }),
    looks: z.number().meta({ description: 'how often at most it would have been measured again' }),
    premises: z.array(
      z.object({
        name: z.string(),
        holds: z.boolean(),
        seen: z.string(),
        cause: z
          .string()
          .optional()
          .meta({ description: 'what it most likely comes from that it is broken' }),
        next: z.string().optional().meta({ description: 'what to do' }),
      }),
    ),
    missed: missedSchema,
    costs: z
      .array(
        z.object({
          key: z.string().meta({ description: 'the side' }),
          clients: z.number(),
          seenMs: z.number(),
          nullMs: z.number(),
          netMs: z.number(),
          seenP50Ms: figure,
          nullP50Ms: figure,
          headroom: ratio,
          parts: z
            .array(z.object({ key: z.string(), until: z.string(), ms: z.number() }))
            .meta({ description: 'what answers take that go a part of the way' }),
        }),
      )
      .meta({ description: 'what the client costs by itself' }),
    thresholds: thresholdsSchema,
    measurement: measurementSchema,
    verdict: z.object({
      figures: z.array(figures),
      gaps: z.array(gap),
      shares: z
        .array(share)
        .optional()
        .meta({ description: 'whose the gap is; in a pair the product of both is the gap' }),
      trainingMemoryRatio: z.number().optional().meta({ description: 'last side ÷ first' }),
      checks: z.array(check),
      notJudged: z
        .array(
          z.object({
            threshold: z.string(),
            clients: z.number().optional(),
            why: z.enum(reasonsNotJudged).default('clients'),
          }),
        )
        .meta({
          description:
            'bounds that say nothing of this run: for numbers of clients that were not measured, of rates where the rate was given, of training where none was measured, of sides that were not asked as declared',
        }),
      outcome: z.enum(runOutcomes),
    }),
  })
  .meta({
    title: 'A run of inference-gap',
    description:
      'A gap is a side against the last one, above 1 where the former wins; times are milliseconds where nothing else is said',
  })

export type Run = z.output<typeof runSchema>
export type Machine = Run['machine']
export type Offered = NonNullable<Run['offered']>

/** As it is read: runs of the version before, too. */
export const runForm = z.preprocess(upgraded, runSchema)
