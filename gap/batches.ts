/** What it gives to ask for several keys at once: predictions a second and latency by how many, and what becomes of the gap. */
import { z } from 'zod'
import { figuresOf } from './figures.ts'
import { type MeasuredBlock, type Measurement, type SideFacts, sideOf } from './measurement.ts'
import { type Ratio, ratioOf } from './ratio.ts'

const ratio = z.object({ median: z.number(), low: z.number(), high: z.number(), pairs: z.int() })
/** Milliseconds of a whole request; null where no answer was right. */
const ms = z.number().nullable()

/** One side asked for so many keys at once. */
export const batchRowSchema = z.object({
  /** Keys in each request. */
  size: z.int().positive(),
  /** Name of the side as declared. */
  side: z.string(),
  clients: z.int().positive(),
  /** Right answers to requests, a second, times the size. */
  predictionsPerSecond: z.number().nonnegative(),
  requestsPerSecond: z.number().nonnegative(),
  latencyMs: z.object({ mean: ms, p50: ms, p99: ms }),
  failures: z.int().nonnegative(),
  /** Predictions a second ÷ this side's own at the smallest size; absent there. */
  gain: ratio.optional(),
  /** Predictions a second ÷ the last side's at the same size; absent for that one. */
  gap: ratio.optional(),
})

export type BatchRow = z.infer<typeof batchRowSchema>

type Batch = SideFacts & { size: number }

/**
 * Of the blocks of the same pairs, so that drift hits both alike. Undefined where there is no pair in which both were answered.
 * @param factor keys of the one's requests ÷ keys of the other's
 */
function pairedRatio(
  { blocks, settings }: Measurement,
  one: string,
  other: string,
  clients: number,
  factor: number,
): Ratio | undefined {
  const isRight = ({ ok }: MeasuredBlock) => ok.count > 0
  const bySession = new Map<number, number[]>()
  for (const block of blocks) {
    if (block.key !== one || block.clients !== clients || !isRight(block)) continue
    const { session, pair } = block
    const beside = blocks.find(
      (each) =>
        each.key === other && each.clients === clients && each.session === session && each.pair === pair,
    )
    if (!beside || !isRight(beside)) continue
    bySession.set(session, [...(bySession.get(session) ?? []), (factor * block.tps) / beside.tps])
  }
  return bySession.size === 0 ? undefined : ratioOf([...bySession.values()], settings.seed)
}

const finite = (value: number) => (Number.isFinite(value) ? value : null)

/** A row for each size and side, the smallest size first and the sides in their order. Sides that are asked for single keys have none. */
export function batchRows(measurement: Measurement): BatchRow[] {
  const { settings } = measurement
  const batches = settings.sides
    .map((key) => sideOf(measurement, key))
    .filter((side): side is Batch => side.size !== undefined)
    .sort((a, b) => a.size - b.size)
  return settings.clients.flatMap((clients) =>
    batches.flatMap((side): BatchRow[] => {
      const { key, base, size } = side
      const figures = figuresOf(measurement, key, clients)
      if (!figures) return []
      const against = (other = side) =>
        other.key === key ? undefined : pairedRatio(measurement, key, other.key, clients, size / other.size)
      const gain = against(batches.find((each) => each.base === base))
      const gap = against(batches.filter((each) => each.size === size).at(-1))
      const { tps, latencyMs, failures } = figures
      return [
        {
          size,
          side: base,
          clients,
          predictionsPerSecond: tps * size,
          requestsPerSecond: tps,
          latencyMs: {
            mean: finite(latencyMs.mean),
            p50: finite(latencyMs.p50),
            p99: finite(latencyMs.p99),
          },
          failures,
          ...(gain && { gain }),
          ...(gap && { gap }),
        },
      ]
    }),
  )
}
