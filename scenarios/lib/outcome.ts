/** All that a comparison measured, put together when it is over. */
import clock from 'k6/x/clock'
import recorder from 'k6/x/recorder'
import rendezvous from 'k6/x/rendezvous'
import type { Measurement, SideFacts, Spent } from '../../gap/measurement.ts'
import { allSides, type ResolvedSide } from '../../workload/resolve.ts'
import { blocksOf, failuresOf, pairsOf, warmupsOf } from './blocks.ts'
import { droppedArrivals } from './choreography.ts'
import { beside, lastSide, predicting, rate, rateOf, rates, settings, sides } from './comparison.ts'
import { brokenPremises, replacedOf } from './connection.ts'
import { wrongAnswers } from './request.ts'
import { pool } from './settings.ts'
import { accountedMs, spentOf } from './spent.ts'
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

export function measured(): Measurement {
  // The clock's zero is the beginning of the process.
  const lengthMs = clock.now()
  const meetings = rendezvous.meetings()
  const { clock: zero, series } = recorder.export()
  const startedAt = new Date(zero.startedAtUnixMs).toISOString()
  const startupMs = Math.min(...Object.values(meetings).map(({ at }) => at))
  const blocks = blocksOf(all, meetings, series, startupMs, rateOf)
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
      sessions: [{ session: 1, startedAt, lengthMs, startupMs, accountedMs: accountedMs(startupMs, spent) }],
      spent,
    },
    warmups: warmupsOf(meetings),
    blocks,
    // At rates of their own the sides are no pair: what each does at its rate is no ratio.
    pairs: rates ? [] : pairsOf(predicting, lastSide, blocks),
    failures: failuresOf(series),
  }
}
