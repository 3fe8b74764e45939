/** A side that is several hosts, replicas of each other: what each of them does of the whole. */
import { latencyOf } from './figures.ts'
import type { Measurement } from './measurement.ts'
import type { Premise } from './premises.ts'
import { sum } from './sum.ts'

export interface HostRow {
  /** The side. */
  key: string
  clients: number
  host: string
  /** Right answers, and their share of the side's. */
  answers: number
  share: number
  failures: number
  /** Milliseconds; NaN where none was right. */
  p50Ms: number
  p99Ms: number
}

/** By side, number of clients and host; none where every side is one. */
export function hostRows({ blocks }: Measurement): HostRow[] {
  const several = blocks.filter(({ hosts, phase }) => phase === 'measure' && hosts !== undefined)
  const places = [...new Set(several.map(({ key, clients }) => JSON.stringify([key, clients])))]
  return places.flatMap((place) => {
    const [key, clients] = JSON.parse(place) as [string, number]
    const own = several
      .filter((block) => block.key === key && block.clients === clients)
      .flatMap(({ hosts }) => hosts ?? [])
    const all = sum(own.map(({ ok }) => ok.count))
    return [...new Set(own.map(({ name }) => name))].sort().map((host) => {
      const its = own.filter(({ name }) => name === host)
      const answers = sum(its.map(({ ok }) => ok.count))
      const { p50, p99 } = latencyOf(its.map(({ ok }) => ok))
      return {
        ...{ key, clients, host, answers, share: all > 0 ? answers / all : 0 },
        failures: sum(its.map(({ failed }) => failed.count)),
        ...{ p50Ms: p50, p99Ms: p99 },
      }
    })
  })
}

/** A host may give so many times more, or less, than its even share before it is told. */
const allowed = 1.25

const sameSide = (a: HostRow, b: HostRow) => a.key === b.key && a.clients === b.clients

/** A host's answers ÷ those that each had if all did the same. */
const times = (row: HostRow, rows: readonly HostRow[]) =>
  row.share * rows.filter((each) => sameSide(each, row)).length

export const unevenHosts = (rows: readonly HostRow[]): HostRow[] =>
  rows.filter((row) => {
    const own = times(row, rows)
    return own > 0 && (own > allowed || own < 1 / allowed)
  })

const isDead = ({ answers }: HostRow) => answers === 0

/** One that gave no answer is none; none where every side is one host. */
export function hostsAnswer(measurement: Measurement): Premise[] {
  const rows = hostRows(measurement)
  if (rows.length === 0) return []
  const dead = rows.filter(isDead)
  const count = new Set(rows.map(({ key, host }) => JSON.stringify([key, host]))).size
  return [
    {
      name: 'hosts',
      holds: dead.length === 0,
      seen:
        dead.length === 0
          ? `all ${count} hosts gave answers`
          : dead
              .map(({ key, clients, host }) => `${host} of ${key} gave no right answer to ${clients} clients`)
              .join('; '),
      ...(dead.length > 0 && {
        cause: 'it is down, or cannot be reached from here',
        next: 'See whether it runs, or leave it out of the address',
      }),
    },
  ]
}
