/** First answers of new connections beside second ones: what opening, authenticating, loading a model and planning take. */
import { median } from 'simple-statistics'
import { z } from 'zod'
import { CouldNotMeasure } from '../build/failure.ts'
import { misfitsOf } from '../build/user-file.ts'
import { type Moment, momentBlock } from '../workload/connections.ts'
import { inLines } from '../workload/misfit.ts'
import { type Ratio, ratioOf } from './ratio.ts'

const count = z.int().nonnegative()
/** Milliseconds; null where nothing was recorded. */
const ms = z.number().nonnegative().nullable()

/** What the scenario hands over. */
const connectionsSchema = z.object({
  version: z.literal(1),
  /** Their keys. */
  sides: z.array(z.string()),
  clients: z.array(count),
  rounds: count,
  seed: count,
  series: z.array(
    z.object({
      side: z.string(),
      /** See `momentBlock`. */
      block: z.string(),
      count,
      p50Ms: ms,
      maxMs: ms,
      failed: count,
      failures: z.array(z.object({ kind: z.string(), count, message: z.string() })),
    }),
  ),
})

export type Connections = z.infer<typeof connectionsSchema>

/** @throws {CouldNotMeasure} when this is not what the scenario hands over */
export function parseConnections(text: string): Connections {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new CouldNotMeasure('what k6 handed over cannot be read', "k6's log may say why", { cause })
  }
  const parsed = connectionsSchema.safeParse(json)
  if (!parsed.success)
    throw new CouldNotMeasure(
      `what k6 handed over has another form:\n${inLines(misfitsOf(parsed.error, json))}`,
    )
  return parsed.data
}

export interface ConnectionsRow {
  key: string
  /** So many open a connection at once. */
  clients: number
  /** Medians over the rounds of each round's median and longest, in milliseconds; undefined where nothing was answered. */
  answers: Record<Moment, { p50Ms: number; maxMs: number } | undefined>
  /** Of the medians, round by round. */
  firstToSecond?: Ratio
  failed: number
}

/** A row for each side at each number of clients, the last side last. */
export function connectionsRows({ sides, clients, rounds, seed, series }: Connections): ConnectionsRow[] {
  const numbers = Array.from({ length: rounds }, (_, index) => index + 1)
  return clients.flatMap((count) =>
    sides.map((key) => {
      /** Round by round; undefined where nothing was answered. */
      const answered = (moment: Moment) =>
        numbers.map((round) => {
          const block = momentBlock(count, round, moment)
          const { p50Ms, maxMs } = series.find((each) => each.side === key && each.block === block) ?? {}
          return p50Ms && maxMs ? { p50Ms, maxMs } : undefined
        })
      const [first, second] = [answered('first'), answered('second')]
      const middle = (all: typeof first) => {
        const known = all.filter((each) => each !== undefined)
        if (known.length === 0) return undefined
        const of = (figure: 'p50Ms' | 'maxMs') => median(known.map((each) => each[figure]))
        return { p50Ms: of('p50Ms'), maxMs: of('maxMs') }
      }
      const ratios = first.flatMap((one, at) => {
        const other = second[at]
        return one && other ? [one.p50Ms / other.p50Ms] : []
      })
      return {
        ...{ key, clients: count, answers: { first: middle(first), second: middle(second) } },
        ...(ratios.length > 0 && { firstToSecond: ratioOf([ratios], seed) }),
        failed: series
          .filter(({ side, block }) => side === key && block.startsWith(`${count}/`))
          .reduce((sum, { failed }) => sum + failed, 0),
      }
    }),
  )
}

/** What failed, a line for each kind of a side's. */
export const failuresOfConnections = ({ series }: Connections): string[] => [
  ...new Set(
    series.flatMap(({ side, failures }) =>
      failures.map(({ kind, message }) => `${side}: ${kind}: ${message}`),
    ),
  ),
]
