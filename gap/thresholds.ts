/** thresholds.json: what is expected of each target and of the gap between them. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { BadInput } from '../build/failure.ts'
import { shown } from '../build/paths.ts'

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

const valueAt = (root: unknown, path: PropertyKey[]): unknown =>
  path.reduce<unknown>((value, part) => (value as Record<PropertyKey, unknown> | undefined)?.[part], root)

/** One line for each problem: path, value, what was expected. */
export function explain(error: z.ZodError, input: unknown): string[] {
  return error.issues.flatMap((issue) => {
    const at = (path: PropertyKey[]) => path.map(String).join('.') || '(the whole file)'
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map(
        (key) =>
          `${at([...issue.path, key])} = ${JSON.stringify(valueAt(input, [...issue.path, key]))}: no such key`,
      )
    const value = JSON.stringify(valueAt(input, issue.path))
    return [`${at(issue.path)}${value === undefined ? ' is missing' : ` = ${value}`}: ${issue.message}`]
  })
}

/** @throws {BadInput} naming file, path and value */
export function parseThresholds(text: string, file: string): Thresholds {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new BadInput(`${shown(file)} is not JSON: ${(error as Error).message}`, 'Correct the file')
  }
  const parsed = thresholdsSchema.safeParse(json)
  if (!parsed.success)
    throw new BadInput(
      `${shown(file)} does not fit:\n${explain(parsed.error, json)
        .map((line) => `  - ${line}`)
        .join('\n')}`,
      'Correct the file; the README lists its keys',
    )
  return parsed.data
}

/** @throws {BadInput} naming file, path and value */
export async function readThresholds(file: string): Promise<Thresholds> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch {
    throw new BadInput(
      `${shown(file)} cannot be read`,
      'Give a file with --thresholds, or restore thresholds.json',
    )
  }
  return parseThresholds(text, file)
}
