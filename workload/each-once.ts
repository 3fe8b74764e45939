/** Lists in files of a user in which no two entries may be called alike. */
import type { z } from 'zod'

/**
 * A check of such a list: each entry whose name stands before it is told of by its path.
 * @param nameOf an entry; where absent names have a value, that
 * @param below where the name stands in its entry; an entry that is a name itself needs none
 */
export const eachOnce =
  <Entry>(message: string, nameOf: (entry: Entry) => unknown, ...below: string[]): z.core.CheckFn<Entry[]> =>
  ({ value, issues }) => {
    const names = value.map(nameOf)
    for (const [index, name] of names.entries())
      if (names.indexOf(name) < index)
        issues.push({ code: 'custom', path: [index, ...below], input: name, message })
  }
