import { ask, world } from '../world.ts'

const kept = new Map<string, unknown[][]>()

/** Read once a process, by whoever names them first. */
export function parameterSets(name: string, read: () => unknown[][]): unknown[][] {
  const sets = kept.get(name) ?? read()
  kept.set(name, sets)
  return sets
}

export function open(_driver: symbol, address: string, options: unknown) {
  world.opened.push({ address, options })
  world.open++
  const questionOf = (query: string, sets: unknown[][], index: number) =>
    ask(`${address} ${query}`, sets[index]).value
  return {
    queryValueOf: questionOf,
    queryOf: questionOf,
    query: (text: string, ...parameters: unknown[]) => ask(`${address} ${text}`, parameters).value,
    replaced: () => world.lost,
    close: () => void world.open--,
  }
}
export default { parameterSets, open }
