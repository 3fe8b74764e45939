import { exported, storeOf, world } from '../world.ts'

export function series({ side, block }: { side: string; block: string }) {
  const store = storeOf(side, block)
  const recordDuration = (ms: number, ok: boolean, label?: string, kind = 'other', message = '') => {
    if (!(ms >= 0)) throw new TypeError(`durationMs: ${ms}; expected milliseconds of 0 or more`)
    store[ok ? 'ok' : 'failed'].push(ms)
    if (ok && label !== undefined) store.labels[label] = (store.labels[label] ?? 0) + 1
    if (ok) return ms
    const known = store.failures.get(kind)
    if (known) known.count++
    else store.failures.set(kind, { kind, count: 1, message })
    return ms
  }
  const record = (
    startedAt: number,
    ...rest: [ok: boolean, label?: string, kind?: string, message?: string]
  ) => recordDuration(world.time - startedAt, ...rest)
  const lap = (...all: Parameters<typeof record>) => {
    record(...all)
    return world.time
  }
  return { record, lap, recordDuration }
}

export const retire = () => void world.retired++
export const save = (file: string, text: string) => void world.saved.push({ file, text })
export const tryFile = (file: string) => {
  world.tried.push(file)
  if (file.startsWith('/no/')) throw new Error(`${file}: no such folder`)
}
const exportRecorded = () => ({
  clock: { startedAtUnixMs: 0 },
  machine: { host: 'here', cores: 2 },
  series: exported(),
})

export { exportRecorded as export }
export default { series, retire, save, tryFile, export: exportRecorded }
