/** Does a side keep up? Where more is due than is served the latency grows for as long as one asks. */
import { mean } from 'simple-statistics'
import type { Point } from './evidence.ts'
import { halfOfMean } from './resample.ts'

/** Seconds by which latency may grow in each second: 0.5 % of real time. */
export const mostGrowth = 0.005
/** Of a single round nothing is known but that it is far from 0. */
const mostGrowthOfOne = 0.1

export interface Growth {
  growth: number
  low: number
  high: number
  isGrowing: boolean
}

/** @param points of one side at one rate, at least one */
export function growthOf(points: readonly Point[]): Growth {
  const values = points.map(({ growth }) => growth)
  const growth = mean(values)
  const half = halfOfMean(values)
  const isGrowing = values.length === 1 ? growth > mostGrowthOfOne : growth - half > mostGrowth
  return { growth, low: growth - half, high: growth + half, isGrowing }
}
