/** A workload with nothing left open: defaults filled in, and the sides that a run asks for, declared or derived. */
import { batchOf, type Question } from './batch.ts'
import { statusesOf } from './http.ts'
import type { OwnMisfits } from './keys.ts'
import { namesInWords, shortened } from './shortened.ts'
import {
  type AnswerKind,
  type AnyKey,
  type Compare,
  type Draw,
  type Given,
  type HttpSide,
  type Keys,
  type Published,
  type QueryMode,
  queryModes,
  type Role,
  type Side,
  type SqlSide,
  type Variables,
} from './workload.ts'

interface Resolved {
  /** Unique among the sides of a run; stands in names, tags and files. */
  key: string
  /** Name of the declared side that it derives from: what both send for a key is the same. */
  base: string
  role: Role
}

export type ResolvedSql = Question<SqlSide<AnyKey>> & Resolved & { mode: QueryMode }
export type ResolvedHttp = Question<HttpSide<AnyKey>> & Resolved
export type ResolvedSide = ResolvedSql | ResolvedHttp

export interface ResolvedWorkload {
  name: string
  keys: Keys
  misfits?: OwnMisfits
  draw: Draw
  answer: AnswerKind
  compare: Compare
  sides: readonly Side<AnyKey>[]
  beside: readonly Side<AnyKey>[]
  thresholds?: string
  published?: Published
}

/** Fills in what the workload leaves open. @param variables environment variables */
export function resolved(given: Given<AnyKey>, variables: Variables): ResolvedWorkload {
  const plain = typeof given === 'function' ? given(variables) : given
  const { draw = 'even', answer = 'number', beside = [] } = plain
  const isNumeric = answer === 'number' || answer === 'numbers'
  return {
    ...plain,
    draw,
    answer,
    beside,
    compare: plain.compare ?? (isNumeric ? { tolerance: 1e-5 } : 'equal'),
  }
}

/** The environment variable of the address where a side's null operation is asked. */
export const nullVariable = (side: string) => `NULL_${side.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_URL`

/** What a side's null operation is called, and its key in a run. */
export const nullName = (side: string) => `${side}-null`

/** The same question to a server that does nothing, so that all that it takes is the client's. */
export const nullOf = (side: Side<AnyKey>): Side<AnyKey> => ({
  ...side,
  name: nullName(side.name),
  address: nullVariable(side.name),
  role: 'null',
  of: side.name,
  // A null server that was not told the side's own answer knows no other status.
  ...(side.protocol === 'http' && { statuses: [...new Set([...statusesOf(side), 200])] }),
})

/** Whether a side's answers are predictions. */
export const predicts = ({ role = 'predict' }: { role?: Role }) => role === 'predict'

/** What a selection's words mean, for messages. */
export const selectionForm =
  'names of the workload\'s sides, separated by commas; a mode of a query, null, a number, or batch and a size may follow a colon ("database:simple", "database:null", "service:2" at SERVICE_URL_2, "service:batch20"), another variable of the address an at ("service@OTHER_URL")'

/** @throws {Error} naming the word that is no side */
export class NoSuchSide extends Error {
  constructor(
    readonly word: string,
    readonly known: readonly string[],
  ) {
    super(`no side ${shortened(word)}; there are ${namesInWords(known)}`)
  }
}

/** A side as a word names it, with the declared one that it derives from. */
interface Derived {
  side: Question
  base: string
}

function derived(word: string, known: readonly Side<AnyKey>[]): Derived {
  const [before = '', address, ...others] = word.split('@')
  const [name = '', variant, ...more] = before.split(':')
  // What is declared beside a side goes by the side's name, too: `database-fast` is `database:fast`.
  const besideIt = known.find((side) => side.of === name && side.name === `${name}-${variant}`)
  const declared = besideIt ?? known.find((side) => side.name === name)
  const fail = () => {
    throw new NoSuchSide(
      word,
      known.map((side) => side.name),
    )
  }
  if (!declared || address === '' || others.length > 0 || more.length > 0) return fail()
  const base = declared.name
  const side = address === undefined ? declared : { ...declared, address }
  if (variant === undefined || besideIt) return { side, base }
  if (variant === 'null') return { side: nullOf(side), base }
  const [, size] = /^batch([1-9]\d*)$/.exec(variant) ?? []
  if (size !== undefined) return { side: batchOf(side, Number(size)), base }
  // Another of the same kind: `service:2` is asked at SERVICE_URL_2.
  if (/^\d+$/.test(variant))
    return { side: { ...side, name: `${name}-${variant}`, address: `${side.address}_${variant}` }, base }
  const mode = queryModes.find((each) => each === variant)
  return side.protocol === 'sql' && mode ? { side: { ...side, name: `${name}-${mode}`, mode }, base } : fail()
}

/**
 * The sides that are meant: declared ones by their names, and what derives from them: the same query in another mode, the same question
 * to a null server, several keys at once, the same side at another address. One that is named twice becomes two: it is compared with itself.
 * @param mode of queries whose side says nothing
 * @throws {NoSuchSide}
 * @throws {NoBatch}
 */
export function selected(
  words: readonly string[],
  { sides, beside }: Pick<ResolvedWorkload, 'sides' | 'beside'>,
  mode: QueryMode,
): ResolvedSide[] {
  const known = [...sides, ...beside]
  const chosen: ResolvedSide[] = []
  for (const word of words) {
    const { side, base } = derived(word, known)
    // What derives from a side takes no name of another declared one, whose thresholds and files are not its own.
    const isTaken = (name: string) =>
      chosen.some((each) => each.key === name) || (name !== base && known.some((each) => each.name === name))
    let key = side.name
    for (let copy = 2; isTaken(key); copy++) key = `${side.name}_${copy}`
    const { role = 'predict' } = side
    chosen.push(
      side.protocol === 'sql'
        ? { ...side, key, base, role, mode: side.mode ?? mode }
        : { ...side, key, base, role },
    )
  }
  return chosen
}

/** What takes turns where nothing is said. */
export const allSides = ({ sides }: Pick<ResolvedWorkload, 'sides'>) => sides.map(({ name }) => name)
