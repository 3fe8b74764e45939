/** thresholds.json: what is expected of each side and of the gaps between them. */
import { z } from 'zod'
import { fitted, jsonIn } from '../build/user-file.ts'
import { eachOnce } from '../workload/each-once.ts'
import { type CapacityBounds, isByPair, latencyFigures, pairName, type Thresholds } from './bounds.ts'

const aboveZero = z.number().positive()
const described = (description: string) => aboveZero.meta({ description }).optional()

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
    const ordered = latencyFigures.filter((name) => name !== 'mean' && context.value[name] !== undefined)
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

const sideBounds = z
  .strictObject({
    clients: z
      .int()
      .positive()
      .meta({ description: 'number of clients at which latency and rate are bounded; absent: 1' })
      .optional(),
    maxLatencyMs: maxLatencyMs
      .meta({ description: 'most milliseconds at that number of clients' })
      .optional(),
    minTps: described('fewest right answers a second at that number of clients'),
    maxFailureRate: z
      .number()
      .min(0)
      .max(1)
      .meta({ description: 'most failures, as a share of all requests, at every number of clients' })
      .optional(),
  })
  .meta({ description: 'what is expected of a side' })

const severalBounds = z
  .array(sideBounds)
  .nonempty()
  .check(
    eachOnce(
      'expected a number of clients that no other bounds of this side have',
      ({ clients = 1 }) => clients,
      'clients',
    ),
  )

const ratio = aboveZero.optional()
const gapBounds = z
  .strictObject({
    minLatencyRatio: z
      .strictObject({ p50: ratio, p95: ratio, p99: ratio })
      .meta({ description: 'least latency of the last side ÷ that of the other, at every number of clients' })
      .optional(),
    minTpsRatio: described('least TPS of the side ÷ that of the last one, at every number of clients'),
    minTrainingMemoryRatio: described(
      "least memory of the last side's training ÷ that of the other's, the most that it had resident",
    ),
    minLeanTrainingMemoryRatio: described(
      "least memory of the last side's training, as lean as is possible there, ÷ that of the other's",
    ),
  })
  .meta({ description: 'what is expected of a side against the last one' })

const rateBounds = z
  .strictObject({ minRate: described('fewest requests a second at which the side holds its objective') })
  .meta({ description: "what is expected of a side's capacity" })
const leastRatio = aboveZero.meta({ description: 'least capacity of the side ÷ that of the last one' })
const pairPattern = /^[^/]+\/[^/]+$/

const anyCapacity = z
  .object({
    minRatio: z
      .union([leastRatio, z.record(z.string().regex(pairPattern), leastRatio)])
      .meta({ description: 'least capacity of a side ÷ that of the last one, or one such ratio a pair' })
      .optional(),
  })
  .catchall(rateBounds)
  .meta({ description: "least capacities by the sides' names, and the least ratio of them" })

/** As editors know it: of any workload. */
export const thresholdsSchema: z.ZodType<Thresholds> = z
  .object({
    $schema: z.string().optional(),
    gap: z.union([gapBounds, z.record(z.string().regex(pairPattern), gapBounds)]).optional(),
    capacity: anyCapacity.optional(),
  })
  .catchall(z.union([sideBounds, severalBounds]))
  .meta({ description: "a side's bounds by its name, those of the gap, and those of capacities" })

/** Each side against the last one. */
const pairsOf = (sides: readonly string[]) =>
  sides.slice(0, -1).map((side) => pairName(side, sides.at(-1) ?? ''))

/** A pair's name may stand by a ratio also where there is one pair alone. */
function capacityFor(given: unknown, sides: readonly string[]): z.ZodType {
  const pairs = pairsOf(sides)
  const minRatio =
    typeof given === 'object' && given !== null ? (given as CapacityBounds).minRatio : undefined
  const isPaired = pairs.length > 1 || (typeof minRatio === 'object' && minRatio !== null)
  const byPair = z.strictObject(Object.fromEntries(pairs.map((pair) => [pair, leastRatio.optional()])))
  return z.strictObject({
    ...(pairs.length > 0 && { minRatio: (isPaired ? byPair : leastRatio).optional() }),
    ...Object.fromEntries(sides.map((side) => [side, rateBounds.optional()])),
  })
}

/**
 * For the sides of one workload. What is wrong is told by its own path, so that of two forms the one is taken that was meant.
 * @param sides as declared, the last one last
 */
function schemaFor(json: unknown, sides: readonly string[]): z.ZodType {
  const given = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>
  const pairs = pairsOf(sides)
  const byPair = z.strictObject(Object.fromEntries(pairs.map((pair) => [pair, gapBounds.optional()])))
  const isPaired =
    pairs.length > 1 || (typeof given.gap === 'object' && given.gap !== null && isByPair(given.gap))
  return z.strictObject({
    $schema: z.string().optional(),
    ...(pairs.length > 0 && { gap: (isPaired ? byPair : gapBounds).optional() }),
    capacity: capacityFor(given.capacity, sides).optional(),
    ...Object.fromEntries(
      sides.map((side) => [side, (Array.isArray(given[side]) ? severalBounds : sideBounds).optional()]),
    ),
  })
}

/** What names the file may use, for the sides of one workload. */
function inWords(sides: readonly string[]): string {
  const pairs = pairsOf(sides)
  const gaps =
    pairs.length === 0
      ? 'one side alone has no gap'
      : pairs.length === 1
        ? 'gap is that of the first against the last'
        : `gap has one entry a pair: ${pairs.join(', ')}`
  return `The workload's ${sides.length === 1 ? 'side is' : 'sides are'} ${sides.join(', ')}; ${gaps}`
}

/**
 * @param sides of the workload, as declared
 * @throws {BadInput} naming file, path and value
 */
export async function readThresholds(file: string, sides: readonly string[]): Promise<Thresholds> {
  const given = {
    file,
    most: 1e6,
    hint: `Give a file with --thresholds, or correct this one; docs/thresholds.md lists its keys. ${inWords(sides)}`,
  }
  const json = await jsonIn(given)
  return fitted(schemaFor(json, sides), json, given) as Thresholds
}
