/** Times as Postgres writes them with DateStyle ISO, read to the digit: a Date has milliseconds only, and fewer years. */

/** "12345-01-02 03:04:05.678+00:09:21 BC" */
const written =
  /^(\d+)-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d+)?(?:([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?)?( BC)?$/

/** Years after which the calendar repeats itself. */
const cycle = 400

interface Time {
  /** Astronomical: the year before 1 is 0. */
  year: number
  /** "01-02" and "03:04:05", in UTC where a zone is written. */
  day: string
  clock: string
  /** With its point, as it is written. */
  fraction: string
}

/** Undefined for infinity, and for what is no time. */
function readTime(text: string): Time | undefined {
  const found = written.exec(text)
  if (!found) return
  const [, years, month, day, hour, minute, second, fraction = '', sign, ...others] = found
  const [hours, minutes, seconds, era] = others
  const behind = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)
  const said = era ? 1 - Number(years) : Number(years)
  // A year that Date knows, of the same days.
  const near = 2000 + (said % cycle)
  const at = new Date(
    Date.UTC(near, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) -
      (sign === '-' ? -behind : behind) * 1000,
  )
  const [date, clock] = at.toISOString().split('T') as [string, string]
  return {
    year: said + at.getUTCFullYear() - near,
    day: date.slice(-'01-02'.length),
    clock: clock.slice(0, '03:04:05'.length),
    fraction,
  }
}

const digits = (year: number, count: number) => String(Math.abs(year)).padStart(count, '0')

/** ISO 8601 as Date.parse reads it: "2026-01-02T03:04:05.678Z"; what has no zone has no Z. */
export function isoTime(text: string, hasZone: boolean): string {
  const time = readTime(text)
  if (!time) return text
  const { year, day, clock, fraction } = time
  const years = year >= 0 && year <= 9999 ? digits(year, 4) : `${year < 0 ? '-' : '+'}${digits(year, 6)}`
  return `${years}-${day}T${clock}${fraction}${hasZone ? 'Z' : ''}`
}

/** As Postgres writes one where its TimeZone is UTC: "2026-01-02 03:04:05.678+00". */
export function utcTime(text: string): string {
  const time = readTime(text)
  if (!time) return text
  const { year, day, clock, fraction } = time
  return ofEra(year, `-${day} ${clock}${fraction}+00`)
}

/** Postgres knows no year 0, but BC. @param rest what stands behind the year */
const ofEra = (year: number, rest: string) =>
  year < 1 ? `${digits(1 - year, 4)}${rest} BC` : `${digits(year, 4)}${rest}`

/** In UTC, as Postgres reads it whatever its settings are. */
export function timeOf(at: Date): string {
  if (Number.isNaN(at.getTime())) throw new TypeError('an invalid Date is no parameter of a query')
  return ofEra(at.getUTCFullYear(), at.toISOString().replace(/^[+-]?\d+/, ''))
}
