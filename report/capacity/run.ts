/** All that is known about one search for capacities: what every form of its report is made from, and what `gate` judges again. */
import { z } from 'zod'
import { batchRowSchema } from '../../gap/batches.ts'
import { fleetSchema } from '../../gap/capacity/fleet.ts'
import { thresholdsSchema } from '../../gap/thresholds.ts'
import { runOutcomes } from '../../gap/verdict.ts'
import { askedWorkload, missedSchema } from '../run.ts'

const rate = z.number().positive().meta({ description: 'requests a second' })
const share = z.number().min(0).max(1)
/** A figure of which there is none is NaN in memory and null in JSON. */
const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN)

const interval = z.object({ median: z.number(), low: z.number(), high: z.number() })

const pointSchema = z.object({
  side: z.string(),
  rate,
  session: z.int(),
  round: z.int(),
  seconds: z.number(),
  due: z.int(),
  answered: z.int(),
  failed: z.int(),
  within: z
    .array(z.number())
    .meta({ description: 'by term: requests within the limit; of a mean, the sum of all milliseconds' }),
  growth: z.number(),
  lateP99Ms: z.number(),
  dropped: z.int(),
  takenByOthers: share
    .optional()
    .meta({ description: "of the machine's processor time, while a null server was asked" }),
})

const rateSchema = z
  .object({
    rate,
    verdict: z.enum(['holds', 'crossed', 'undecided']),
    why: z.string().optional().meta({ description: 'where it does not hold: what did not' }),
    terms: z.array(
      z.object({
        text: z.string(),
        value: figure.meta({
          description: 'share of requests within the limit, mean milliseconds, or share of failures',
        }),
        low: figure,
        high: figure,
      }),
    ),
    rounds: z.int(),
    due: z.int(),
    achieved: z.number().meta({ description: 'right answers ÷ requests that were due' }),
    growth: z.number().meta({ description: 'seconds by which the latency grew in each second' }),
    latencyMs: z.object({ mean: figure, p50: figure, p95: figure, p99: figure, max: figure }),
    client: z.object({
      lateP99Ms: z.number().meta({ description: 'how late it sent, of its own doing' }),
      nullP99Ms: z
        .number()
        .optional()
        .meta({ description: 'what a null server answered in, at the same rate' }),
      waited: share.meta({ description: 'share of the requests that found no client free' }),
    }),
  })
  .meta({ description: 'what was seen at one rate of one side' })

const sideSchema = z.object({
  side: z.string(),
  objective: z.string(),
  closed: z
    .array(z.object({ clients: z.int(), tps: z.number() }))
    .meta({ description: 'what the closed model served, by number of clients' }),
  found: z
    .object({ capacity: rate, low: z.number(), high: z.number(), way: z.enum(['fit', 'bisection']) })
    .optional()
    .meta({ description: 'the highest rate that holds the objective, and the ends of its 95 % interval' }),
  confirmed: rate.optional().meta({ description: 'the rate at which fresh sessions all held the objective' }),
  unconfirmed: z.string().optional().meta({ description: 'why there is no such rate, where one was tried' }),
  atLeast: z
    .object({ rate, why: z.string() })
    .optional()
    .meta({ description: 'what ended first was not the side: it does this much or more' }),
  none: z.string().optional().meta({ description: 'why there is no capacity' }),
  rates: z.array(rateSchema),
})

const confirmationSchema = z.object({
  rates: z.record(z.string(), rate),
  held: z.record(z.string(), z.boolean()),
})

const resourcesSchema = z.object({
  side: z.string(),
  rate,
  parts: z.array(z.object({ side: z.string(), what: z.string(), processors: z.number() })),
  machine: z.object({ cores: z.int(), busy: share, stolen: share }).optional(),
  inFlight: z.number(),
  clients: z.int(),
  waited: share,
  activity: z
    .object({
      connections: z.int(),
      mostConnections: z.int(),
      active: z.number(),
      waits: z.array(z.object({ what: z.string(), share })),
    })
    .optional(),
})

const checkSchema = z.object({
  threshold: z.string().meta({ description: 'path in thresholds.json' }),
  measured: figure,
  interval: z.tuple([z.number(), z.number()]).optional(),
  relation: z.enum(['≤', '≥']),
  bound: z.number(),
  unit: z.string().meta({ description: 'TPS, times or share' }),
  outcome: z.enum(['pass', 'fail', 'undecided']),
  why: z.string().optional(),
})

const estimate = { value: z.number(), low: z.number(), high: z.number() }
const estimateSchema = z.object(estimate)

const scalingSchema = z.object({
  alpha: estimateSchema.meta({ description: 'contention' }),
  beta: estimateSchema.meta({ description: 'coherency' }),
  gamma: estimateSchema.meta({ description: 'requests a second of one client' }),
  blocks: z.int().meta({ description: 'at each number of clients, at least' }),
  levels: z.array(
    z.object({ clients: z.int(), measured: z.number(), fitted: z.number(), residual: z.number() }),
  ),
  curve: z.array(z.object({ clients: z.int(), ...estimate })),
  peak: z
    .object({ clients: z.number(), tps: z.number() })
    .optional()
    .meta({ description: 'where throughput is highest, within twice what was measured' }),
})

const noScalingSchema = z.object({ impossible: z.string() })

const costSchema = z.object({
  hour: z.number(),
  month: z.number(),
  perMillion: z.number().meta({ description: 'of a million predictions' }),
  parts: z.array(z.object({ name: z.string(), number: z.int(), hour: z.number() })),
})

const sidePlanSchema = z.object({
  side: z.string(),
  capacity: rate,
  atMost: z.string().optional().meta({ description: 'why the side may need fewer hosts' }),
  hosts: z.int().meta({ description: 'all, spare ones included' }),
  needed: z.int().meta({ description: 'without the spare ones' }),
  fewest: z.int().meta({ description: "hosts at the upper end of the capacity's interval" }),
  most: z.int().nullable().meta({
    description: 'hosts at its lower end, or at the lower rate that was confirmed; null: no number is enough',
  }),
  use: z.number().meta({ description: "share of each host's capacity" }),
  useWithoutSpare: z.number(),
  fewer: z
    .object({ hosts: z.int(), use: z.number(), exceeds: z.enum(['capacity', 'headroom', 'nothing']) })
    .optional()
    .meta({ description: 'one host fewer than is needed' }),
  cost: costSchema.optional(),
  costRange: z.object({ low: costSchema, high: costSchema.nullable() }).optional(),
})

const planSchema = z.object({
  demand: z.number().positive().meta({ description: 'predictions a second' }),
  headroom: z.number().min(0).max(1),
  spare: z.int(),
  currency: z.string().optional(),
  sides: z.array(z.union([sidePlanSchema, z.object({ side: z.string(), why: z.string() })])),
  fleet: fleetSchema.optional().meta({ description: 'what hosts are made of, as it was given' }),
})

/** What the plan, the law of scaling and batches add stands in their own rooms; here it is kept as it is. */
export const capacityRunSchema = z
  .object({
    version: z.literal(1),
    kind: z.literal('capacity'),
    startedAt: z.iso.datetime(),
    command: z.string(),
    machine: z.object({
      host: z.string().optional(),
      system: z.string(),
      processor: z.string(),
      cores: z.number(),
      memory: z.number(),
    }),
    versions: z.record(z.string(), z.string()),
    targets: z.record(z.string(), z.string()),
    workload: askedWorkload.extend({
      sides: z
        .array(z.string())
        .meta({ description: 'as declared; the last is what the others are compared with' }),
    }),
    settings: z.object({
      arrivals: z.enum(['even', 'poisson']),
      clients: z.int().meta({ description: 'the most virtual users' }),
      block: z.number().meta({ description: 'seconds of each side in a round' }),
      lead: z.number().optional().meta({
        description: 'seconds at the beginning of each of its two turns that do not count; absent: a fifth',
      }),
      seed: z.int(),
      sessions: z.int(),
      seconds: z.number().meta({ description: 'that it took' }),
    }),
    sides: z.array(sideSchema),
    ratios: z
      .array(z.object({ side: z.string(), last: z.string(), ...interval.shape }))
      .meta({ description: 'capacity of a side ÷ that of the last one, from rounds that both took part in' }),
    confirmations: z.array(confirmationSchema),
    resources: z.array(resourcesSchema),
    batches: z
      .array(batchRowSchema)
      .optional()
      .meta({ description: 'several keys asked at once, in the closed model' }),
    premises: z.array(
      z.object({
        name: z.string(),
        holds: z.boolean(),
        seen: z.string(),
        cause: z.string().optional(),
        next: z.string().optional(),
      }),
    ),
    missed: missedSchema,
    thresholds: thresholdsSchema,
    verdict: z.object({
      checks: z.array(checkSchema),
      outcome: z.enum(runOutcomes),
    }),
    scaling: z
      .array(z.object({ side: z.string(), law: z.union([scalingSchema, noScalingSchema]) }))
      .optional()
      .meta({
        description: "throughput by clients: the Universal Scalability Law of each side's closed model",
      }),
    plan: planSchema
      .optional()
      .meta({ description: 'from one host to many: hosts, use and cost for a demand' }),
    points: z.array(pointSchema).meta({ description: 'round by round' }),
  })
  .meta({ title: 'A search for capacities by inference-gap' })

export type CapacityRun = z.output<typeof capacityRunSchema>
export type RateRow = z.output<typeof rateSchema>
export type CapacitySide = z.output<typeof sideSchema>
