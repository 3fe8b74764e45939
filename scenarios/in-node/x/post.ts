import { ask, world } from '../world.ts'

interface Options {
  headers: Record<string, string>
  label: string
  opened?: () => void
}

export function open(address: string, options: Options) {
  world.opened.push({ address, options })
  world.open++
  let label: string | undefined
  let isNew = true
  return {
    post: (body: unknown) => {
      if (isNew) options.opened?.()
      isNew = false
      label = undefined
      const answer = ask(address, body)
      label = answer.headers?.[options.label]
      return answer.value
    },
    label: () => label,
    close: () => void world.open--,
  }
}
export default { open }
