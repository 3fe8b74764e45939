/** Does a figure stay as it is for hours? A line through it, with the uncertainty of its slope. */
import { mean, sampleStandardDeviation } from 'simple-statistics'
import { slopeOf } from '../../gap/distance.ts'
import { studentT } from '../../gap/ratio.ts'

export interface Seen {
  /** Since the beginning. */
  hours: number
  value: number
}

export interface Trend {
  mean: number
  /** In an hour. */
  slope: number
  /** Ends of its 95 % interval. */
  low: number
  high: number
}

/**
 * Neighbours in time are alike, so that each alone says less than it seems to: the slope is that of the means of so many equal
 * stretches of time, and only these count as independent.
 */
const stretches = 10

/** By least squares. Undefined where there are fewer than three stretches, whose line has no uncertainty that could be told. */
export function trendOf(seen: readonly Seen[]): Trend | undefined {
  const [from, to] = [
    Math.min(...seen.map(({ hours }) => hours)),
    Math.max(...seen.map(({ hours }) => hours)),
  ]
  const points = Array.from({ length: stretches }, (_, index) => {
    const at = (hours: number) =>
      Math.min(stretches - 1, Math.floor((stretches * (hours - from)) / (to - from)))
    const own = seen.filter(({ hours }) => at(hours) === index)
    return own.length > 0
      ? [{ x: mean(own.map(({ hours }) => hours)), y: mean(own.map(({ value }) => value)) }]
      : []
  }).flat()
  if (points.length < 3) return undefined
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))]
  const spread = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0)
  const slope = slopeOf(points.map((point) => [point.x, point.y] as const))
  const residuals = points.map((point) => point.y - y - slope * (point.x - x))
  const degrees = points.length - 2
  // The residuals' mean is 0, so that their deviation has their squares in it, by one degree fewer than there are points.
  const error = sampleStandardDeviation(residuals) * Math.sqrt((points.length - 1) / degrees / spread)
  const half = studentT(0.975, degrees) * error
  return { mean: y, slope, low: slope - half, high: slope + half }
}
