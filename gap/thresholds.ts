/** thresholds.json: what is expected of each target and of the gap between them. */
import { z } from 'zod'
import { readJson } from '../build/user-file.ts'

const aboveZero = z.number().positive()
const described = (description: string) => aboveZero.meta({ description })

/** Milliseconds. A larger percentile cannot be bounded more tightly than a smaller one. */
const maxLatencyMs = z
  .strictObject({
    mean: aboveZero.optional(),
    p50: aboveZero.optional(),
    p95: aboveZero.optional(),
    p99: aboveZero.optional(),
    max: aboveZero.optional(),
  })
  .check((context) => {
    const ordered = (['p50', 'p95', 'p99', 'max'] as const).filter(
      (name) => context.value[name] !== undefined,
    )
    for (const [index, name] of ordered.entries()) {
      const next = ordered[index + 1]
      if (next && (context.value[name] as number) > (context.value[next] as number))
        context.issues.push({
          code: 'custom',
          path: [next],
          input: context.value[next],
          message: `must be at least that of ${name} (${context.value[name]}): no distribution has a ${next} below its ${name}`,
        })
    }
  })

const targetThresholds = z.strictObject({
  maxLatencyMs: maxLatencyMs.meta({ description: 'most milliseconds, at the smallest number of clients' }),
  minTps: described('fewest right answers a second, at the smallest number of clients'),
  maxFailureRate: z.number().min(0).max(1).meta({ description: 'most failures, as a share of all requests' }),
})

export const thresholdsSchema = z.strictObject({
  $schema: z.string().optional(),
  postgres: targetThresholds,
  python: targetThresholds,
  /** All are python ÷ postgres for latency and memory, postgres ÷ python for TPS: above 1 the database wins. */
  gap: z.strictObject({
    minLatencyRatio: z
      .strictObject({ p50: aboveZero, p95: aboveZero, p99: aboveZero.optional() })
      .meta({ description: 'least python ÷ postgres, at every number of clients' }),
    minTpsRatio: described('least postgres ÷ python, at every number of clients'),
    minTrainingMemoryRatio: described(
      'least python ÷ postgres of the most memory that training had resident',
    ),
  }),
})

export type Thresholds = z.infer<typeof thresholdsSchema>
export type TargetThresholds = z.infer<typeof targetThresholds>

/** @throws {BadInput} naming file, path and value */
export const readThresholds = (file: string): Promise<Thresholds> =>
  readJson(thresholdsSchema, {
    file,
    most: 1e6,
    hint: 'Give a file with --thresholds, or restore thresholds.json; the README lists its keys',
  })
