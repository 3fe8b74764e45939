/**
 * What each of several k6 that share a comparison does besides: it begins when all do, looks how far its clock is from one that all can
 * ask, and tells of itself, so that the parts can be put together afterwards.
 */
import exec from 'k6/execution'
import clock from 'k6/x/clock'
import rendezvous, { type Meeting } from 'k6/x/rendezvous'
import type { OwnPart } from '../../gap/measurement.ts'
import type { Part } from '../../workload/parts.ts'
import { isFirst } from './choreography.ts'
import { settings, sides, startAt } from './comparison.ts'
import { ownPart } from './part.ts'
import { type Skew, skewAgainst } from './skew.ts'

const refuse = (why: string) => exec.test.abort(why)

function checkTogether({ of }: Part): void {
  const fewest = Math.min(...settings.clients)
  if (of > 1 && startAt === undefined)
    refuse('START_AT is not set; expected when all parts begin: seconds since 1970, or 2026-01-31T12:00:00Z')
  if (fewest < of) refuse(`${fewest} clients are fewer than the ${of} parts: each needs one of its own`)
}

/** Where everybody can read it when all is over: a meeting of one. */
function note(name: string, values: number[]): void {
  rendezvous.meet(name, 1, values)
}

/** By position of the side in the run; its readings are finite, so that none is told by a position below 0. */
function noteSkew(name: string): void {
  const skew = skewAgainst(sides)
  note(
    name,
    skew ? [sides.findIndex(({ key }) => key === skew.key), skew.aheadMs, skew.withinMs] : [-1, 0, 0],
  )
}

/** Whoever is ready waits for the moment at which all begin. */
export function begin(): void {
  const part = ownPart()
  checkTogether(part)
  if (startAt === undefined) return
  const start = startAt - clock.origin()
  if (isFirst()) {
    note('part/own', [part.index, part.of])
    noteSkew('part/begin')
  }
  const lateMs = clock.now() - start
  if (lateMs > 0)
    refuse(
      `START_AT was ${(lateMs / 1000).toFixed(1)} s ago when this part was ready: let it be later, so that all are ready by then`,
    )
  rendezvous.waitUntil(start)
}

export function end(): void {
  if (startAt !== undefined && isFirst()) noteSkew('part/end')
}

function skewOf(meeting: Meeting | undefined): Skew | undefined {
  const [position = -1, aheadMs = 0, withinMs = 0] = meeting?.sums ?? []
  const key = sides[position]?.key
  return key === undefined ? undefined : { key, aheadMs, withinMs }
}

const worst = ({ aheadMs, withinMs }: Skew) => Math.abs(aheadMs) + withinMs

/** As noted; the whole where nothing was. */
export function partIn(meetings: Record<string, Meeting>): Part {
  const [index = 0, of = 1] = meetings['part/own']?.sums ?? []
  return { index, of }
}

/** Undefined where this k6 was alone. */
export function togetherIn(
  meetings: Record<string, Meeting>,
): Pick<OwnPart, 'part' | 'of' | 'session' | 'startAt' | 'skew'> | undefined {
  if (startAt === undefined) return undefined
  const { index, of } = partIn(meetings)
  // It may have been set right, or wrong, meanwhile.
  const [first, ...more] = ['part/begin', 'part/end'].flatMap((name) => skewOf(meetings[name]) ?? [])
  const skew = more.reduce((a, b) => (worst(b) > worst(a) ? b : a), first as Skew)
  return {
    part: index + 1,
    of,
    session: 1,
    startAt: new Date(startAt).toISOString(),
    skew: first ? skew : null,
  }
}
