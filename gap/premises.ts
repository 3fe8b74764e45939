/** What the method takes for granted, looked at in each run: a figure whose premise is broken is no figure. */
import type { Measurement } from './measurement.ts'

/** Something that the method takes for granted, looked at in this run. */
export interface Premise {
  name: string
  holds: boolean
  /** What was seen. */
  seen: string
}

/** Most new connections to the service for each that a client needs, before keep-alive counts as broken. */
const allowedReconnects = 1.1

export function premisesOf({ premises, settings, blocks }: Measurement): Premise[] {
  const requests = blocks
    .filter(({ target }) => target === 'python')
    .reduce((total, { ok, failed }) => total + ok.count + failed.count, 0)
  const { pythonConnections, pythonClients, unpreparedClients } = premises
  const list: Premise[] = [
    {
      name: 'keep-alive',
      holds: pythonConnections <= pythonClients * allowedReconnects,
      seen: `${pythonConnections} connections opened by ${pythonClients} clients for ${requests} requests`,
    },
    {
      name: 'answers',
      holds: blocks.every(({ ok }) => ok.count > 0),
      seen: `in ${blocks.filter(({ ok }) => ok.count > 0).length} of ${blocks.length} blocks`,
    },
  ]
  if (settings.queryMode === 'prepared')
    list.push({
      name: 'prepared',
      holds: unpreparedClients === 0,
      seen: `${unpreparedClients} connections without the prepared statement`,
    })
  return list
}
