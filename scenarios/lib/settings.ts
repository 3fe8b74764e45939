/**
 * What a scenario takes from environment variables. A value that does not fit ends the test in the init context
 * (k6's exit code 107) with one message that names the variable, the value and what was expected.
 */

import { queryModes } from '../../workload/workload.ts'

export const variables = __ENV as Readonly<Record<string, string | undefined>>

export function refuse(name: string, value: string | undefined, expected: string): never {
  throw new Error(`${name}: ${value ? `'${value}'` : 'is not set'}; expected ${expected}`)
}

export function text(name: string, fallback: string): string {
  return variables[name] || fallback
}

function number(name: string, fallback: number, fits: (value: number) => boolean, expected: string): number {
  const given = variables[name]
  if (!given) return fallback
  const value = Number(given)
  return Number.isFinite(value) && fits(value) ? value : refuse(name, given, expected)
}

export const wholeNumber = (name: string, fallback: number, least = 1) =>
  number(
    name,
    fallback,
    (value) => Number.isInteger(value) && value >= least,
    `a whole number of at least ${least}`,
  )

/** Of a turn. */
export const someSeconds = (name: string, fallback: number) =>
  number(name, fallback, (value) => value >= 0.1, 'a number of seconds of at least 0.1')

/** A moment in milliseconds since 1970, given as seconds since then or as ISO 8601; undefined where it is not set. */
export function moment(name: string): number | undefined {
  const given = variables[name]
  if (!given) return undefined
  const value = /^\d+(\.\d+)?$/.test(given) ? Number(given) * 1000 : Date.parse(given)
  return Number.isFinite(value)
    ? value
    : refuse(name, given, 'a moment: seconds since 1970, or as 2026-01-31T12:00:00Z')
}

/** From 0 to below 1. */
export const share = (name: string, fallback: number) =>
  number(name, fallback, (value) => value >= 0 && value < 1, 'a share from 0 to below 1')

/** k6 runs no scenario for less than a second. */
export const seconds = (name: string, fallback: number) =>
  number(name, fallback, (value) => value >= 1, 'a number of seconds of at least 1')

export function oneOf<const Choice extends string>(
  name: string,
  choices: readonly Choice[],
  fallback: Choice,
): Choice {
  const given = variables[name]
  if (!given) return fallback
  return choices.find((choice) => choice === given) ?? refuse(name, given, `one of ${choices.join(', ')}`)
}

/** A list of numbers of clients, as `1,5,20,100`. */
export function wholeNumbers(name: string, fallback: number[]): number[] {
  const given = variables[name]
  if (!given) return fallback
  const values = given.split(',').map(Number)
  const isOnce = new Set(values).size === values.length
  return isOnce && values.every((value) => Number.isInteger(value) && value > 0)
    ? values
    : refuse(name, given, 'whole numbers above 0, each once, separated by commas')
}

export function url(name: string, schemes: string[]): string {
  const given = variables[name]
  const expected = `a URL that begins with ${schemes.join(' or ')}`
  if (!given || !schemes.some((scheme) => given.startsWith(scheme)))
    // The value is not repeated: it may hold a password.
    return refuse(name, given && '(a value that does not fit)', expected)
  return given
}

/** A file of certificates that are trusted besides the system's; empty: none. The command line's `--ca`. */
export const certificates = () => text('CA_FILE', '')

/** Seeds the order of blocks and the draw of keys: the same seed asks the same keys. */
export const seed = () => wholeNumber('SEED', 1, 0)

/** Connections to a database that all virtual users share; 0: each has one of its own. */
export const pool = () => wholeNumber('POOL', 0, 0)

/** Whether k6 gets samples of each request, for its summary, thresholds and outputs; k6 looks at them even where there is none of these. */
export const samples = () => oneOf('SAMPLES', ['on', 'off'], 'on') === 'on'

/** Of queries whose side says nothing. */
export const queryMode = () => oneOf('QUERY_MODE', queryModes, 'prepared')
