/** Measured values and bounds as people read them, in every form of the report alike. */
import { type Measurement, sideOf } from '../gap/measurement.ts'
import type { Check } from '../gap/verdict.ts'
import type { Offered } from './run.ts'
import { figure } from './table.ts'

const suffix = { ms: ' ms', TPS: '/s', share: '', times: '×' } as const

const number = (unit: Check['unit'], value: number) =>
  unit === 'share' && Number.isFinite(value) ? String(Number(value.toPrecision(3))) : figure(value)

export const measuredInWords = ({ measured, interval, unit }: Check) =>
  `${number(unit, measured)}${suffix[unit]}${interval ? ` [${interval.map(figure).join(', ')}]` : ''}`

export const boundInWords = ({ relation, bound, unit }: Check) =>
  `${relation} ${number(unit, bound)}${suffix[unit]}`

/** Of a rate that was given as a share. */
export const offeredInWords = ({ share, of, capacity, clients }: Offered) =>
  `${Number((share * 100).toPrecision(3))} % of the ${figure(capacity)} requests a second that ${of} served to ${clientsInWords(clients)} of a closed model just before`

export const clientsInWords = (clients: number) => (clients === 1 ? 'one client' : `${clients} clients`)

/** How the queries were sent: `prepared`, or by side where they differ; undefined where nobody was sent a query. */
export function modesInWords(measurement: Measurement): string | undefined {
  const sent = measurement.settings.sides.flatMap((key) => {
    const { mode } = sideOf(measurement, key)
    return mode === undefined ? [] : [{ key, mode }]
  })
  const modes = [...new Set(sent.map(({ mode }) => mode))]
  return modes.length < 2 ? modes[0] : sent.map(({ key, mode }) => `${key} ${mode}`).join(', ')
}
