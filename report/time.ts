/** Where the time of a run went besides the requests that count, as people read it. */

import type { Measurement, Spent, Stage } from '../gap/measurement.ts'
import { accountedShare } from '../gap/outside.ts'
import { figure } from './table.ts'

/** In the order in which they are told. */
const stages: Record<Stage, string> = {
  opening: 'opening connections',
  settling: 'their first questions',
  lead: 'leads of turns',
  waiting: 'waiting for others',
  resting: 'resting until the next turn',
  closing: 'closing connections',
  counted: 'requests that count',
}

/** Seconds of one client, its mean, in all sessions; and the longest of its kind in milliseconds. */
function sumOf(own: Spent[]): { seconds: number; longestMs: number } {
  return {
    seconds: own.reduce((sum, { totalMs, clients }) => sum + totalMs / clients / 1000, 0),
    longestMs: Math.max(0, ...own.map(({ largestMs }) => largestMs ?? 0)),
  }
}

const cells = (own: Spent[]) => {
  const [first] = own
  if (!first) return ['', '']
  const { seconds, longestMs } = sumOf(own)
  return [figure(seconds), first.stage === 'counted' ? '' : figure(longestMs)]
}

/** A row for each stage of what was measured, two columns for each side; the head first. Undefined where nobody looked. */
export function shortTimes({ time, settings: { sides } }: Measurement): string[][] | undefined {
  if (!time) return undefined
  const measured = time.spent.filter(({ phase }) => phase === 'measure')
  return [
    ['', ...sides.flatMap((key) => [`${key}, s`, 'longest ms'])],
    // Who rests does so beside all sides.
    ...Object.entries(stages).flatMap(([stage, name]) =>
      stage === 'resting'
        ? []
        : [
            [
              name,
              ...sides.flatMap((key) =>
                cells(measured.filter((each) => each.key === key && each.stage === stage)),
              ),
            ],
          ],
    ),
  ]
}

/** Everything, by number of clients. */
export function allTimes({ time }: Measurement): string[][] {
  const groups = new Map<string, Spent[]>()
  for (const each of time?.spent ?? []) {
    const name = JSON.stringify([each.key, each.clients, each.phase, each.stage])
    groups.set(name, [...(groups.get(name) ?? []), each])
  }
  return [...groups.values()].map((own) => {
    const [{ key, clients, phase, stage }] = own as [Spent]
    const { seconds, longestMs } = sumOf(own)
    const sum = (of: 'count' | 'failed') => own.reduce((total, each) => total + each[of], 0)
    const medians = own.flatMap(({ medianMs }) => medianMs ?? [])
    return [
      key ?? 'all sides',
      String(clients),
      phase === 'warmup' ? 'warm-up' : 'measured',
      stages[stage],
      String(sum('count')),
      String(sum('failed')),
      figure(seconds),
      medians.length > 0 ? `${figure(Math.min(...medians))} to ${figure(Math.max(...medians))}` : '',
      medians.length > 0 ? figure(longestMs) : '',
    ]
  })
}

/** "99.8 % of 34.2 s are accounted for" */
export function accountedInWords({ time }: Measurement): string {
  if (!time) return ''
  const seconds = time.sessions.reduce((sum, { lengthMs }) => sum + lengthMs / 1000, 0)
  return `${(accountedShare(time) * 100).toFixed(1)} % of ${figure(seconds)} s are accounted for`
}
