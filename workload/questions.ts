/** What sides make of the keys, looked at before anything is asked: each key must give a question, and a query its parameters. */
import { type Question, questionAt } from './batch.ts'
import { isNoValue, sentOf } from './http.ts'
import { mostMisfits } from './misfit.ts'
import type { AnyKey, HttpSide, Misfit, SqlSide } from './workload.ts'

/** Where a `$1` is no parameter: texts, names, comments, and texts in dollars. */
const quoted =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|(\$[A-Za-z_\u0080-\uffff]*[\w\u0080-\uffff]*\$)[\s\S]*?\1/g

/** The highest number of a parameter in a query; 0 where it has none. */
export function parameterCount(query: string): number {
  const plain = query.replace(quoted, ' ')
  return Math.max(0, ...[...plain.matchAll(/(?<![\w$])\$(\d+)/g)].map(([, number]) => Number(number)))
}

function fault(
  side: SqlSide<AnyKey> | HttpSide<AnyKey>,
  key: AnyKey,
  wanted: number,
): Omit<Misfit, 'path'> | undefined {
  try {
    if (side.protocol === 'http') return void sentOf(side, key)
    const parameters: unknown = side.parameters(key)
    if (!Array.isArray(parameters))
      return { value: parameters, expected: 'expected what `parameters` returns to be an array' }
    const nothing = parameters.findIndex(isNoValue)
    if (parameters.length === wanted && nothing < 0) return undefined
    if (nothing >= 0)
      return {
        value: key,
        expected: `expected $${nothing + 1} to be made of this key, got ${parameters[nothing]}; null stands for no value`,
      }
    return {
      value: parameters,
      expected: `expected as many parameters as the query has: ${wanted === 0 ? 'none' : `$1 to $${wanted}`}`,
    }
  } catch (error) {
    const what = side.protocol === 'http' ? 'its path and its body' : 'its parameters'
    return {
      value: key,
      expected: `expected ${what} to be made of this key, got ${(error instanceof Error ? error.message : String(error)).slice(0, 300)}`,
    }
  }
}

/**
 * The first key of each side for which it has no question.
 * @param text of a side's query
 */
export function misfitsOfQuestions(
  sides: readonly Question[],
  keys: readonly AnyKey[],
  text: (side: SqlSide<AnyKey>) => string,
): Misfit[] {
  return sides
    .flatMap((side): Misfit[] => {
      const wanted = side.protocol === 'sql' ? parameterCount(text(side)) : 0
      for (const position of keys.keys()) {
        const found = fault(side, questionAt(keys, position, side.size), wanted)
        if (found) return [{ path: [side.name, 'key', position], ...found }]
      }
      return []
    })
    .slice(0, mostMisfits)
}
