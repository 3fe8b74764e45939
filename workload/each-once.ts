/** Lists in files of a user in which no two entries may be called alike. */
import type { z } from 'zod'

/** Places at which something stands that stood before. */
function placesTwice(names: readonly unknown[]): number[] {
  const before = new Set<unknown>()
  return names.flatMap((name, index) => {
    if (before.has(name)) return index
    before.add(name)
    return []
  })
}

/** The first that stands a second time; undefined where none does. */
export const firstTwice = <Name>(names: readonly Name[]): Name | undefined =>
  names[placesTwice(names)[0] ?? names.length]

/**
 * A check of such a list: each entry whose name stands before it is told of by its path.
 * @param nameOf an entry; where absent names have a value, that
 * @param below where the name stands in its entry; an entry that is a name itself needs none
 */
export const eachOnce =
  <Entry>(message: string, nameOf: (entry: Entry) => unknown, ...below: string[]): z.core.CheckFn<Entry[]> =>
  ({ value, issues }) => {
    const names = value.map(nameOf)
    for (const index of placesTwice(names))
      issues.push({ code: 'custom', path: [index, ...below], input: names[index], message })
  }
