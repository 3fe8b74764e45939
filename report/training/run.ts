/** All that is known of trainings at several sizes and in several ways: what every form of the report is made from. */
import { z } from 'zod'
import { thresholdsSchema } from '../../gap/thresholds.ts'
import { runSchema } from '../run.ts'

const { machine, verdict } = runSchema.shape

const bytes = z.number()

const way = z.object({
  way: z.string(),
  sampledBytes: bytes.optional().meta({
    description:
      'most that all processes which take part had resident, seen often; what they share counts once',
  }),
  markBytes: bytes.optional().meta({
    description: "most that the process which trains ever had resident, by the kernel's own mark",
  }),
  seconds: z.number().meta({ description: 'from the beginning of the read to the stored model' }),
  metrics: z.record(z.string(), z.number()).meta({ description: 'of the rows that are held out' }),
})

const size = z.object({
  rows: z.number(),
  trainRows: z.number(),
  testRows: z.number(),
  ways: z.array(way).nonempty().meta({ description: 'the first is what the others are compared with' }),
  agreement: z
    .array(
      z.object({
        way: z.string(),
        rows: z.number(),
        identical: z.number().meta({ description: 'predictions that are the same to the last bit' }),
        largestDifference: z.number().meta({ description: 'as a share of the larger prediction, or of 1' }),
      }),
    )
    .meta({ description: "predictions for the held-out rows beside those of the first way's model" }),
})

export const trainingRunSchema = z
  .object({
    kind: z.literal('training'),
    version: z.literal(1),
    startedAt: z.iso.datetime(),
    command: z.string().meta({ description: 'repeats it' }),
    machine,
    versions: z.record(z.string(), z.string()),
    dataset: z.object({
      name: z.string(),
      task: z.string(),
      features: z.number(),
      hyperparameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
      testSize: z.number(),
    }),
    threads: z.number().meta({ description: 'of each way' }),
    published: z
      .object({ source: z.string(), ratio: z.number() })
      .optional()
      .meta({ description: "somebody else's ratio of memory, shown beside these" }),
    sizes: z.array(size).nonempty(),
    thresholds: thresholdsSchema,
    checks: z.array(verdict.shape.checks.element.extend({ rows: z.number() })),
    outcome: verdict.shape.outcome,
  })
  .meta({ description: 'what `train` measured' })

export type TrainingRun = z.infer<typeof trainingRunSchema>
