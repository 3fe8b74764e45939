import { ask, world } from '../world.ts'

export const parameterSets = (_name: string, read: () => unknown[][]) => read()

export function open(_driver: symbol, address: string, options: unknown) {
  world.opened.push({ address, options })
  world.open++
  return {
    queryValueOf: (query: string, sets: unknown[][], index: number) =>
      ask(`${address} ${query}`, sets[index]).value,
    query: (text: string) => ask(`${address} ${text}`, []).value,
    replaced: () => world.lost,
    close: () => void world.open--,
  }
}
export default { parameterSets, open }
