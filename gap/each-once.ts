/** Lists in files of a user in which no two entries may be called alike. */
import type { z } from 'zod'

/**
 * A check of such a list: each entry whose name stands before it is told of by its path.
 * @param key of an entry's name
 * @param nameOf where absent names have a value, too
 */
export const eachOnce =
  <Entry, Key extends keyof Entry & string>(
    key: Key,
    message: string,
    nameOf: (entry: Entry) => unknown = (entry) => entry[key],
  ): z.core.CheckFn<Entry[]> =>
  ({ value, issues }) => {
    const names = value.map(nameOf)
    for (const [index, name] of names.entries())
      if (names.indexOf(name) < index)
        issues.push({ code: 'custom', path: [index, key], input: name, message })
  }
