/** A workload with nothing left open: defaults filled in, and the sides that a run asks for, declared or derived. */
import type { OwnMisfits } from './keys.ts'
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

export type ResolvedSql = SqlSide<AnyKey> & Resolved & { mode: QueryMode }
export type ResolvedHttp = HttpSide<AnyKey> & Resolved
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

/** The same question to a server that does nothing, so that all that it takes is the client's. */
export const nullOf = (side: Side<AnyKey>): Side<AnyKey> => ({
  ...side,
  name: `${side.name}-null`,
  address: nullVariable(side.name),
  role: 'null',
  of: side.name,
})

/** Whether a side's answers are predictions. */
export const predicts = ({ role = 'predict' }: { role?: Role }) => role === 'predict'

/** What a selection's words mean, for messages. */
export const selectionForm =
  'names of the workload\'s sides, separated by commas; a mode of a query, or null, may follow a colon ("database:simple", "database:null"), another variable of the address an at ("service@OTHER_URL")'

/** @throws {Error} naming the word that is no side */
export class NoSuchSide extends Error {
  constructor(
    readonly word: string,
    readonly known: readonly string[],
  ) {
    super(`no side '${word}'; there are ${known.join(', ')}`)
  }
}

function derived(word: string, known: readonly Side<AnyKey>[]): Side<AnyKey> {
  const [before = '', address] = word.split('@')
  const [name = '', variant] = before.split(':')
  const declared = known.find((side) => side.name === name)
  const fail = () => {
    throw new NoSuchSide(
      word,
      known.map((side) => side.name),
    )
  }
  if (!declared || address === '' || word.split('@').length > 2 || before.split(':').length > 2) return fail()
  const side = address === undefined ? declared : { ...declared, address }
  if (variant === undefined) return side
  if (variant === 'null') return nullOf(side)
  const mode = queryModes.find((each) => each === variant)
  return side.protocol === 'sql' && mode ? { ...side, name: `${name}-${mode}`, mode } : fail()
}

/**
 * The sides that are meant: declared ones by their names, and what derives from them: the same query in another mode, the same question
 * to a null server, the same side at another address. One that is named twice becomes two: it is compared with itself.
 * @param mode of queries whose side says nothing
 * @throws {NoSuchSide}
 */
export function selected(
  words: readonly string[],
  { sides, beside }: Pick<ResolvedWorkload, 'sides' | 'beside'>,
  mode: QueryMode,
): ResolvedSide[] {
  const known = [...sides, ...beside]
  const chosen: ResolvedSide[] = []
  for (const word of words) {
    const side = derived(word, known)
    const copies = chosen.filter(({ name }) => name === side.name).length
    const key = copies === 0 ? side.name : `${side.name}_${copies + 1}`
    const { role = 'predict' } = side
    const base = word.split(/[:@]/)[0] as string
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
