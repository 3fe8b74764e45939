/** The rates of a search: what is due of each side in each pair. */
import { refuse, text } from './settings.ts'

/** Requests a second by the key of the side; a side that is not named rests in that pair. */
export type Rates = Readonly<Record<string, number>>

const expected =
  'a JSON list with an object for each pair, of requests a second above 0 by side, as [{"database": 4000, "service": 900}]'

const fits = (pair: unknown): pair is Rates =>
  typeof pair === 'object' &&
  pair !== null &&
  !Array.isArray(pair) &&
  Object.values(pair).length > 0 &&
  Object.values(pair).every((rate) => typeof rate === 'number' && Number.isFinite(rate) && rate > 0)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** From RATES; undefined where it is not set. */
export function schedule(): readonly Rates[] | undefined {
  const given = text('RATES', '')
  if (!given) return undefined
  const list = parsed(given)
  return Array.isArray(list) && list.length > 0 && list.every(fits) ? list : refuse('RATES', given, expected)
}
