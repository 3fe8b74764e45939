/** What distance does to latency and gap: by how many round trips an answer becomes slower for each that is added. */
import { mean, sampleStandardDeviation } from 'simple-statistics'
import { z } from 'zod'
import { figuresOf } from './figures.ts'
import { type Measurement, predictingSides } from './measurement.ts'
import type { Premise } from './premises.ts'
import { type Ratio, studentT } from './ratio.ts'
import { gapsOf } from './verdict.ts'

/** All that was measured at one distance. */
export interface AtDistance {
  /** That each link was to have, in milliseconds. */
  roundTripMs: number
  /** What null operations found, before and after each session. */
  addedMs: readonly number[]
  measurement: Measurement
}

const ratio = z.object({ median: z.number(), low: z.number(), high: z.number(), pairs: z.int() })

export const distanceRowSchema = z.object({
  roundTripMs: z.number().nonnegative(),
  /** What was really added, the mean. */
  addedMs: z.number(),
  clients: z.int().positive(),
  side: z.string(),
  tps: z.number().nonnegative(),
  p50Ms: z.number().nullable(),
  meanMs: z.number().nullable(),
  /** TPS ÷ the last side's, and the last side's mean and median latency ÷ its own; absent for that one. */
  gap: z.object({ tps: ratio, mean: ratio, p50: ratio }).optional(),
})

export type DistanceRow = z.infer<typeof distanceRowSchema>

export interface Slope {
  side: string
  clients: number
  /** Round trips that an answer takes: milliseconds of its median latency for each that was added to one. */
  roundTrips: number
  /** Ends of its 95 % interval over sessions; absent where there is one. */
  interval?: [low: number, high: number]
}

const finite = (value: number) => (Number.isFinite(value) ? value : null)

const sidesOf = ({ measurement }: AtDistance) => predictingSides(measurement)

export function distanceRows(all: readonly AtDistance[]): DistanceRow[] {
  return all.flatMap((at) => {
    const { measurement, roundTripMs, addedMs } = at
    const gaps = gapsOf(measurement)
    return measurement.settings.clients.flatMap((clients) =>
      sidesOf(at).flatMap((side): DistanceRow[] => {
        const figures = figuresOf(measurement, side, clients)
        if (!figures) return []
        const gap = gaps.find((each) => each.key === side && each.clients === clients)
        return [
          {
            roundTripMs,
            addedMs: mean([...addedMs]),
            clients,
            side,
            tps: figures.tps,
            p50Ms: finite(figures.latencyMs.p50),
            meanMs: finite(figures.latencyMs.mean),
            ...(gap && { gap: { tps: gap.tps as Ratio, mean: gap.mean as Ratio, p50: gap.p50 as Ratio } }),
          },
        ]
      }),
    )
  })
}

/** Of a line through them, by least squares; NaN where there is but one place. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const [middle, height] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))]
  const spread = points.reduce((sum, [x]) => sum + (x - middle) ** 2, 0)
  return points.reduce((sum, [x, y]) => sum + (x - middle) * (y - height), 0) / spread
}

/** Of one session at one distance: a measurement with nothing else in it. */
const sessionOf = (measurement: Measurement, session: number): Measurement => ({
  ...measurement,
  blocks: measurement.blocks.filter((block) => block.session === session),
})

/** A line through the median latencies of each session, then over the sessions. None where there is one distance alone. */
export function slopes(all: readonly AtDistance[]): Slope[] {
  const [first] = all
  if (!first || new Set(all.map(({ roundTripMs }) => roundTripMs)).size < 2) return []
  const { clients: numbers, sessions } = first.measurement.settings
  return numbers.flatMap((clients) =>
    sidesOf(first).flatMap((side): Slope[] => {
      const found = Array.from({ length: sessions }, (_, index) => index + 1).flatMap((session) => {
        const points = all.flatMap(({ measurement, addedMs }) => {
          const own = figuresOf(sessionOf(measurement, session), side, clients)
          return own && Number.isFinite(own.latencyMs.p50)
            ? [[mean([...addedMs]), own.latencyMs.p50] as const]
            : []
        })
        const slope = points.length > 1 ? slopeOf(points) : Number.NaN
        return Number.isFinite(slope) ? [slope] : []
      })
      if (found.length === 0) return []
      const roundTrips = mean(found)
      if (found.length === 1) return [{ side, clients, roundTrips }]
      const half =
        (studentT(0.975, found.length - 1) * sampleStandardDeviation(found)) / Math.sqrt(found.length)
      return [{ side, clients, roundTrips, interval: [roundTrips - half, roundTrips + half] }]
    }),
  )
}

/** A proof may miss by so much: of what was wanted, or milliseconds where that is more. */
const tolerance = { share: 0.05, ms: 0.02 }

const inMs = (value: number) => `${Number(value.toFixed(3))} ms`

/** Whether what null operations found is what was to be added. */
export function distancePremise(all: readonly Pick<AtDistance, 'roundTripMs' | 'addedMs'>[]): Premise {
  // A distance without a proof is as far off as can be.
  const misses = all.flatMap(({ roundTripMs, addedMs }) =>
    (addedMs.length > 0 ? addedMs : [Number.NaN]).map((added) => {
      const most = Math.max(tolerance.share * roundTripMs, tolerance.ms)
      const times = Math.abs(added - roundTripMs) / most
      return { roundTripMs, added, times: Number.isNaN(times) ? Number.POSITIVE_INFINITY : times }
    }),
  )
  const worst = misses.reduce((a, b) => (b.times > a.times ? b : a), { roundTripMs: 0, added: 0, times: 0 })
  // A little more, for what floating numbers lose.
  const holds = worst.times <= 1 + 1e-9
  return {
    name: 'distance',
    holds,
    seen: Number.isNaN(worst.added)
      ? `no null operation was answered where ${inMs(worst.roundTripMs)} were to be added`
      : `null operations found ${inMs(worst.added)} where ${inMs(worst.roundTripMs)} were to be added, the farthest off`,
    ...(!holds && {
      cause: 'the machine is too busy for its timers',
      next: 'Measure where less else runs, or take longer distances',
    }),
  }
}
