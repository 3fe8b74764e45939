/** Values of DuckDB's that a number or a Date of JavaScript would cut: as texts, where that is so. */
import type { DuckDBDateValue, DuckDBDecimalValue, DuckDBValue, JS } from '@duckdb/node-api'

type Api = typeof import('@duckdb/node-api')

/** The digits that matter: without zeros at the end of a fraction. */
const digitsOf = (decimal: string) => (decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal)

function decimalOf(value: DuckDBDecimalValue): number | string {
  const [text, number] = [String(value), value.toDouble()]
  return digitsOf(text) === digitsOf(String(number)) ? number : text
}

const inMillisecond = 1_000_000n
/** Milliseconds on either side of 1970 that a Date knows. */
const mostOfDate = 8_640_000_000_000_000n

/** ISO 8601 with all its digits, three at the least; undefined where no Date is as early or as late. */
function instantOf(nanoseconds: bigint): string | undefined {
  const part = ((nanoseconds % inMillisecond) + inMillisecond) % inMillisecond
  const milliseconds = (nanoseconds - part) / inMillisecond
  if (milliseconds < -mostOfDate || milliseconds > mostOfDate) return undefined
  const digits = String(part).padStart(6, '0').replace(/0+$/, '')
  return new Date(Number(milliseconds)).toISOString().replace('Z', `${digits}Z`)
}

/** Undefined where a Date can be of it. */
function dayOf(value: DuckDBDateValue): string | undefined {
  if (!value.isFinite) return value.days > 0 ? 'infinity' : '-infinity'
  return Math.abs(value.days * 86_400_000) > Number(mostOfDate) ? String(value) : undefined
}

/** Undefined where JavaScript has a value for it. */
export function exactly(api: Api): (value: DuckDBValue) => JS | undefined {
  const timesOfDay = [
    ...[api.DuckDBTimeValue, api.DuckDBTimeNSValue, api.DuckDBTimeTZValue, api.DuckDBIntervalValue],
  ]
  return (value) => {
    if (value instanceof api.DuckDBDecimalValue) return decimalOf(value)
    if (value instanceof api.DuckDBDateValue) return dayOf(value)
    if (value instanceof api.DuckDBTimestampValue || value instanceof api.DuckDBTimestampTZValue)
      return instantOf(value.micros * 1000n) ?? String(value)
    if (value instanceof api.DuckDBTimestampNanosecondsValue) return instantOf(value.nanos) ?? String(value)
    return timesOfDay.some((each) => value instanceof each) ? String(value) : undefined
  }
}
