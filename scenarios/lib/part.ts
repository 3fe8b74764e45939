/**
 * Which part of a comparison this k6 is. Several of them, each with an execution segment of k6's own, ask together what one would
 * have asked: virtual users by their global number, and every n-th arrival.
 */
import exec from 'k6/execution'
import { type Part, usersIn } from '../../workload/parts.ts'

const whole: Part = { index: 0, of: 1 }

/** `3/4`, `0.75` and `75%` are all of k6's. */
function fraction(text: string): number {
  const [, number = '', below, percent] = /^([\d.]+)(?:\/(\d+))?(%)?$/.exec(text.trim()) ?? []
  return number === '' ? Number.NaN : Number(number) / Number(below ?? 1) / (percent ? 100 : 1)
}

const near = (one: number, other: number) => Math.abs(one - other) < 1e-9

/** Where all of them begin, and where the last one ends. */
const edges = (of: number) => Array.from({ length: of + 1 }, (_, index) => index / of)

/**
 * k6 hands out users and arrivals in turn where all parts are equal, and where each is told of all.
 * @param segment as `1/4:1/2` @param sequence as `0,1/4,1/2,3/4,1`; k6 makes up one of its own where it is not told
 * @throws {Error} naming the option that does not fit
 */
export function partOf(segment: string | undefined, sequence: string | undefined): Part {
  if (!segment) return whole
  const [from = Number.NaN, to = Number.NaN] = segment.split(':').map(fraction)
  const of = Math.round(1 / (to - from))
  const index = Math.round(from * of)
  if (!(of >= 1 && near(from, index / of) && near(to, (index + 1) / of)))
    throw new Error(
      `executionSegment: '${segment}'; expected one of parts of equal size, as 0:1/4, 1/4:1/2, 1/2:3/4 or 3/4:1`,
    )
  const wanted = edges(of)
  const given = sequence?.split(',').map(fraction) ?? []
  if (of > 1 && !(given.length === wanted.length && wanted.every((edge, at) => near(edge, given[at] ?? -1))))
    throw new Error(
      `executionSegmentSequence: ${sequence ? `'${sequence}'` : 'is not set'}; expected ${wanted.map((_, at) => (at === 0 || at === of ? String(at / of) : `${at}/${of}`)).join()}, so that all parts go by the same`,
    )
  return { index, of }
}

let own: Part | undefined

/** Only known once there are virtual users. */
export function ownPart(): Part {
  if (own) return own
  const { executionSegment, executionSegmentSequence } = exec.test.options
  own = partOf(executionSegment ?? undefined, executionSegmentSequence ?? undefined)
  return own
}

/** Of this one. */
export const ownUsers = (clients: number) => usersIn(ownPart(), clients)
