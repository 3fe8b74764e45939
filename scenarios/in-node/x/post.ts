import { ask, world } from '../world.ts'

interface Options {
  headers: Record<string, string>
  label: string
}

export function open(address: string, options: Options) {
  world.opened.push({ address, options })
  world.open++
  let label: string | undefined
  return {
    post: (body: unknown) => {
      label = undefined
      const answer = ask(address, body)
      label = answer.headers?.[options.label]
      return answer.value
    },
    label: () => label,
    replaced: () => world.lost,
    close: () => void world.open--,
  }
}
export default { open }
