import { world } from '../world.ts'

/** All of the parties bring the same. */
export function meet(name: string, parties: number, values: number[] = []) {
  if (name in world.meetings) throw new TypeError(`${name}: the meeting is over`)
  const meeting = { at: world.time, sums: values.map((value) => value * parties) }
  world.meetings[name] = meeting
  return meeting
}

export function turn(name: string, by: 0 | 1 = 1) {
  const next = world.turns.get(name) ?? 0
  world.turns.set(name, next + by)
  return next
}

/** Gaps of one each: what chance makes of them is k6's. */
export const arrival = (name: string, seed: number, part = 0, parts = 1) =>
  turn(`${name}/${seed}`) * parts + part + 1

export const meetings = () => world.meetings
export const waitUntil = (at: number) => {
  world.time = Math.max(world.time, at)
}
export default { arrival, meet, turn, meetings, waitUntil }
