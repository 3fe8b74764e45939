/**
 * Where the virtual users' time goes, stage by stage: what passes between the requests that count is part of no latency, and
 * would be seen nowhere. Each stage is a series of the recorder; how long leads and turns take says the meeting at a turn's end.
 */
import type { RecordedSeries } from 'k6/x/recorder'
import type { Meeting } from 'k6/x/rendezvous'
import type { Spent, Stage } from '../../gap/measurement.ts'
import { blockName, readTurns, stageName, type UsersOf } from './blocks.ts'

/** In the recorder, for time that is no single side's. */
export const everybody = '*'

export type SpentPhase = Spent['phase']

/** What is asked beside the others is measured, too. */
export const spentPhase = (phase: string): SpentPhase => (phase === 'warmup' ? 'warmup' : 'measure')

interface Turns {
  key: string
  clients: number
  phase: SpentPhase
  requests: number
  leadMs: number
  wholeMs: number
}

/** What the turns of one side, number of clients and phase come to. */
function allTurns(meetings: Record<string, Meeting>): Turns[] {
  const all = new Map<string, Turns>()
  for (const { key, clients, phase, meeting } of readTurns(meetings)) {
    const own = { key, clients, phase: spentPhase(phase) }
    const name = JSON.stringify(own)
    const sum = all.get(name) ?? { ...own, requests: 0, leadMs: 0, wholeMs: 0 }
    const { 0: requests = 0, 6: leadMs = 0, 7: wholeMs = 0 } = meeting.sums
    sum.requests += requests
    sum.leadMs += leadMs
    sum.wholeMs += wholeMs
    all.set(name, sum)
  }
  return [...all.values()]
}

type Times = Pick<Spent, 'count' | 'failed' | 'totalMs' | 'medianMs' | 'largestMs'>

const nothing: Times = { count: 0, failed: 0, totalMs: 0, medianMs: null, largestMs: null }

function timesOf({ ok, failed }: RecordedSeries): Times {
  const count = ok.count + failed.count
  return {
    count,
    failed: failed.count,
    totalMs: ok.count * (ok.meanMs ?? 0) + failed.count * (failed.meanMs ?? 0),
    medianMs: ok.p50Ms ?? failed.p50Ms,
    largestMs: count > 0 ? Math.max(ok.maxMs ?? 0, failed.maxMs ?? 0) : null,
  }
}

const alone: Stage[] = ['opening', 'settling', 'waiting', 'resting', 'closing']

/**
 * All that was spent, by side, number of clients, phase and stage.
 * @param keys of all sides
 */
export function spentOf(
  keys: string[],
  clients: number[],
  recorded: RecordedSeries[],
  meetings: Record<string, Meeting>,
): Spent[] {
  const byName = new Map(recorded.map((each) => [JSON.stringify([each.side, each.block]), each]))
  const series = (key: string, block: string) => {
    const found = byName.get(JSON.stringify([key, block]))
    return found ? timesOf(found) : nothing
  }
  const turns = allTurns(meetings)
  const all = clients.flatMap((number) =>
    (['warmup', 'measure'] as const).flatMap((phase) =>
      [...keys, everybody].flatMap((key): Spent[] => {
        const place = {
          key: key === everybody ? null : key,
          clients: number,
          session: 1,
          phase,
        }
        const stages = alone.map((stage) => ({
          ...place,
          stage,
          ...series(key, stageName(phase, number, stage)),
        }))
        const own = turns.find((each) => each.key === key && each.clients === number && each.phase === phase)
        if (!own) return stages
        // A lead is judged by its requests, and takes the time between them as well.
        const lead = { ...series(key, stageName(phase, number, 'lead')), totalMs: own.leadMs }
        // Of measured turns the blocks tell the rest.
        const requests = phase === 'warmup' ? series(key, blockName('warmup', number, 0)) : nothing
        const counted = { ...requests, count: own.requests, totalMs: own.wholeMs - own.leadMs }
        return [...stages, { ...place, stage: 'lead', ...lead }, { ...place, stage: 'counted', ...counted }]
      }),
    ),
  )
  return all.filter(({ count, totalMs }) => count > 0 || totalMs > 0)
}

/** Milliseconds of a session for which it is known what was done: its beginning, and what the users of each number of clients did in the mean. */
export const accountedMs = (startupMs: number, spent: Spent[], usersOf: UsersOf = (clients) => clients) =>
  spent.reduce((total, { totalMs, clients }) => total + totalMs / usersOf(clients), startupMs)
