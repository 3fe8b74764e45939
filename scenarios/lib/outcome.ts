/** All that a comparison measured, put together when it is over. */
import recorder from 'k6/x/recorder'
import rendezvous from 'k6/x/rendezvous'
import type { Measurement } from '../../gap/measurement.ts'
import { blocksOf, failuresOf, pairsOf, warmupsOf } from './blocks.ts'
import { droppedArrivals } from './choreography.ts'
import { beside, lastSide, predicting, rate, settings, sides } from './comparison.ts'
import { brokenPremises, pythonClients } from './connection.ts'
import { connections } from './python.ts'
import { wrongAnswers } from './request.ts'
import { pool, queryMode, serializer } from './settings.ts'

const startedAt = Date.now()

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

export function measured(): Measurement {
  const { series } = recorder.export()
  const meetings = rendezvous.meetings()
  const began = Math.min(...Object.values(meetings).map(({ at }) => at))
  const blocks = blocksOf([...sides, ...beside], meetings, series, began)
  return {
    version: 2,
    scenario: 'compare',
    startedAt: new Date(startedAt).toISOString(),
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
      pythonConnections: connections.read(),
      pythonClients: pythonClients.read(),
      wrongAnswers: wrongAnswers.read(),
      droppedArrivals: droppedArrivals.read(),
      ...sameAnswers(),
    },
    warmups: warmupsOf(meetings),
    blocks,
    pairs: pairsOf(predicting, lastSide, blocks),
    failures: failuresOf(series),
  }
}
