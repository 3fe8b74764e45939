/** All that a comparison measured, put together when it is over. */
import clock from 'k6/x/clock'
import recorder from 'k6/x/recorder'
import rendezvous, { type Meeting } from 'k6/x/rendezvous'
import type { Measurement, OwnPart, SideFacts, Spent } from '../../gap/measurement.ts'
import { pairsOf } from '../../gap/pairs.ts'
import { usersIn } from '../../workload/parts.ts'
import { allSides, type ResolvedSide } from '../../workload/resolve.ts'
import { blocksOf, failuresOf, warmupsOf } from './blocks.ts'
import { droppedArrivals, lateTurns } from './choreography.ts'
import {
  beside,
  lastSide,
  leastTurn,
  open,
  predicting,
  rate,
  rateOf,
  rates,
  settings,
  sides,
} from './comparison.ts'
import { brokenPremises, replacedOf } from './connection.ts'
import { made } from './given.ts'
import { keysDigest } from './keys.ts'
import { wrongAnswers } from './request.ts'
import { pool } from './settings.ts'
import { accountedMs, spentOf } from './spent.ts'
import { partIn, togetherIn } from './together.ts'
import { asked } from './workload.ts'

/** Of the meetings after connecting: how many questions all sides were asked, and how many were answered differently. */
function answersCompared(): { compared: number | null; different: number } {
  if (asked.compare === false) return { compared: null, different: 0 }
  let [compared, different] = [0, 0]
  for (const [name, { sums }] of Object.entries(rendezvous.meetings())) {
    const [own, others] = sums
    if (!name.startsWith('ready/') || own === undefined || others === undefined) continue
    compared += own
    different += others
  }
  return { compared, different }
}

const all = [...sides, ...beside]

const factsOf = ({ key, base, role, of, until, size, ...side }: ResolvedSide): SideFacts => ({
  key,
  base,
  role,
  protocol: side.protocol,
  ...(of !== undefined && { of }),
  ...(until !== undefined && { until }),
  ...(size !== undefined && { size }),
  ...(side.protocol === 'sql' && { mode: side.mode }),
})

function connectionsOf(spent: Spent[]): NonNullable<Measurement['connections']> {
  return settings.clients.flatMap((clients) =>
    all.map(({ key }) => {
      const opening = spent.find(
        (each) =>
          each.key === key &&
          each.clients === clients &&
          each.phase === 'measure' &&
          each.stage === 'opening',
      )
      return { key, clients, session: 1, opened: opening?.count ?? 0, replaced: replacedOf(key, clients) }
    }),
  )
}

/** Of the one part that this k6 is; none where it is alone. */
function partsOf(
  meetings: Record<string, Meeting>,
  machine: OwnPart['machine'],
  blocks: Measurement['blocks'],
): Pick<Measurement, 'parts'> {
  const together = togetherIn(meetings)
  if (!together) return {}
  const turns = blocks.reduce((total, block) => total + block.turns.length, 0)
  const turnMs = rate > 0 ? open.turnMs : leastTurn
  return {
    parts: [
      { ...together, turnMs, turns, late: lateTurns.read(), machine, made: { ...made, keys: keysDigest } },
    ],
  }
}

export function measured(): Measurement {
  // The clock's zero is the beginning of the process.
  const lengthMs = clock.now()
  const meetings = rendezvous.meetings()
  const { clock: zero, machine, series } = recorder.export()
  const startedAt = new Date(zero.startedAtUnixMs).toISOString()
  const startupMs = Math.min(
    ...Object.entries(meetings).flatMap(([name, { at }]) => (name.startsWith('part/') ? [] : at)),
  )
  const part = partIn(meetings)
  const usersOf = (clients: number) => usersIn(part, clients)
  const blocks = blocksOf(all, meetings, series, startupMs, rateOf, usersOf)
  const spent = spentOf(
    all.map(({ key }) => key),
    settings.clients,
    series,
    meetings,
  )
  return {
    version: 3,
    scenario: 'compare',
    workload: { name: asked.name, sides: allSides(asked), asked: all.map(factsOf) },
    startedAt,
    settings: {
      ...settings,
      sides: sides.map(({ key }) => key),
      beside: beside.map(({ key }) => key),
      sessions: 1,
      rate,
      pool: pool(),
    },
    premises: {
      unpreparedClients: brokenPremises.read(),
      wrongAnswers: wrongAnswers.read(),
      droppedArrivals: droppedArrivals.read(),
      ...answersCompared(),
    },
    connections: connectionsOf(spent),
    time: {
      sessions: [
        { session: 1, startedAt, lengthMs, startupMs, accountedMs: accountedMs(startupMs, spent, usersOf) },
      ],
      spent,
    },
    warmups: warmupsOf(meetings, usersOf),
    blocks,
    // At rates of their own the sides are no pair: what each does at its rate is no ratio.
    pairs: rates ? [] : pairsOf(predicting, lastSide, blocks),
    failures: failuresOf(series),
    ...partsOf(meetings, machine, blocks),
  }
}
