import { joined, type Sent } from '../../../workload/http.ts'
import { ask, world } from '../world.ts'

interface Options {
  headers?: Record<string, string>
  statuses?: readonly number[]
  label?: string
}

const kept = new Map<string, readonly Sent[]>()

/** Read once a process, by whoever names them first. */
export function requestSets(name: string, read: () => readonly Sent[]): readonly Sent[] {
  const sets = kept.get(name) ?? read()
  kept.set(name, sets)
  return sets
}

export function open(address: string, options: Options) {
  world.opened.push({ address, options })
  world.open++
  let label: string | undefined
  const sent = ({ path, body }: Sent) => {
    label = undefined
    const answer = ask(new URL(joined(address, path)).href, body)
    const { status = 200 } = answer
    if (!(options.statuses ?? [200]).includes(status))
      throw Object.assign(new Error(`HTTP ${status}: ${answer.value}`), { kind: `HTTP ${status}` })
    label = options.label && answer.headers?.[options.label]
    return answer.value
  }
  return {
    send: (body: string) => sent({ body }),
    sendOf: (sets: readonly Sent[], index: number) => sent(sets[index] as Sent),
    label: () => label,
    covered: (text: string) =>
      Object.values(options.headers ?? {}).reduce(
        (left, value) => left.replaceAll(value.split(' ').at(-1) as string, '…'),
        text,
      ),
    replaced: () => world.lost,
    close: () => void world.open--,
  }
}
export default { open, requestSets }
