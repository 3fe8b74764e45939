/** All that a comparison measured, put together when it is over. */
import clock from 'k6/x/clock'
import recorder from 'k6/x/recorder'
import rendezvous from 'k6/x/rendezvous'
import type { Measurement, Spent } from '../../gap/measurement.ts'
import { blocksOf, failuresOf, pairsOf, warmupsOf } from './blocks.ts'
import { droppedArrivals } from './choreography.ts'
import { beside, lastSide, predicting, rate, settings, sides } from './comparison.ts'
import { brokenPremises, replacedOf } from './connection.ts'
import { wrongAnswers } from './request.ts'
import { pool, queryMode, serializer } from './settings.ts'
import { accountedMs, spentOf } from './spent.ts'

/** Of the meetings after connecting: whether all sides that predict gave the same answers to the same questions. */
function sameAnswers(): { compared: number; different: number } {
  let [compared, different] = [0, 0]
  for (const [name, { sums }] of Object.entries(rendezvous.meetings())) {
    if (!name.startsWith('ready/') || sums.length === 0) continue
    const all = predicting.map((_, index) => sums.slice(3 * index, 3 * index + 3))
    const [first] = all
    // A side that failed to answer some of them shows in its failures.
    if (all.some((one) => one[2] !== first?.[2])) continue
    compared++
    if (all.some((one) => one.join() !== first?.join())) different++
  }
  return { compared, different }
}

const all = [...sides, ...beside]

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
  const blocks = blocksOf(all, meetings, series, startupMs)
  const spent = spentOf(
    all.map(({ key }) => key),
    settings.clients,
    series,
    meetings,
  )
  return {
    version: 2,
    scenario: 'compare',
    startedAt,
    settings: {
      ...settings,
      sides: sides.map(({ key }) => key),
      beside: beside.map(({ key }) => key),
      sessions: 1,
      rate,
      pool: pool(),
      queryMode: queryMode(),
      serializer: serializer(),
    },
    premises: {
      unpreparedClients: brokenPremises.read(),
      wrongAnswers: wrongAnswers.read(),
      droppedArrivals: droppedArrivals.read(),
      ...sameAnswers(),
    },
    connections: connectionsOf(spent),
    time: {
      sessions: [{ session: 1, startedAt, lengthMs, startupMs, accountedMs: accountedMs(startupMs, spent) }],
      spent,
    },
    warmups: warmupsOf(meetings),
    blocks,
    pairs: pairsOf(predicting, lastSide, blocks),
    failures: failuresOf(series),
  }
}
