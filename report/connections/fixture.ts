/** New connections for tests of reports. */
import type { ConnectionsRow } from '../../gap/connections.ts'
import type { ConnectionsRun } from './run.ts'

const row = (key: string, clients: number, first: number, second: number): ConnectionsRow => ({
  ...{ key, clients, failed: 0 },
  answers: { first: { p50Ms: first, maxMs: 2 * first }, second: { p50Ms: second, maxMs: 2 * second } },
  firstToSecond: { median: first / second, low: first / second / 2, high: (2 * first) / second, pairs: 10 },
})
const silent: ConnectionsRow = {
  ...{ key: 'service', clients: 100, failed: 1000 },
  answers: { first: undefined, second: undefined },
}

export const run: ConnectionsRun = {
  startedAt: '2026-01-02T03:04:05.000Z',
  command: 'npx inference-gap connections',
  machine: { system: 'Linux', processor: 'one & only', cores: 2, memory: 4e9 },
  rows: [row('database', 1, 20, 0.25), row('service', 1, 3, 1), row('database', 100, 400, 4), silent],
  found: { version: 1, sides: ['database', 'service'], clients: [1, 100], rounds: 10, seed: 7, series: [] },
}
