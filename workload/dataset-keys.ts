/** What a file of a dataset's keys holds, for k6 and Node alike: lists of the values of its key's columns. */
import { type ColumnType, type Dataset, keyColumnsOf } from './dataset.ts'
import { type Misfit, mostMisfits } from './misfit.ts'
import { namesInWords } from './shortened.ts'

/** A column's values as the database takes them. */
interface Part {
  fits: (part: unknown) => boolean
  expected: string
}

const wholeNumber = (least: number, most: number): Part => ({
  fits: (part) => Number.isInteger(part) && (part as number) >= least && (part as number) <= most,
  expected: `expected a whole number from ${least} to ${most}`,
})

/** Of 32 bits; the whole numbers of a small column are asked for as such, too. */
const integer = wholeNumber(-(2 ** 31), 2 ** 31 - 1)
const text: Part = { fits: (part) => typeof part === 'string', expected: 'expected a text' }
const parts: Partial<Record<ColumnType, Part>> = {
  smallint: integer,
  integer,
  bigint: wholeNumber(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
}

/** Looks for the first few keys that do not fit; finds none where all do. */
export function misfitsOfDatasetKeys(dataset: Dataset): (keys: readonly unknown[]) => Misfit[] {
  const columns = keyColumnsOf(dataset).map(({ type }) => parts[type] ?? text)
  const misfitOf = (key: unknown, position: number): Misfit | undefined => {
    if (!Array.isArray(key) || key.length !== columns.length)
      return { path: [position], value: key, expected: `expected [${namesInWords(dataset.key)}]` }
    const at = columns.findIndex(({ fits }, index) => !fits(key[index]))
    const expected = columns[at]?.expected
    return expected === undefined ? undefined : { path: [position, at], value: key[at], expected }
  }
  return (keys) => {
    const misfits: Misfit[] = []
    for (const [position, key] of keys.entries()) {
      if (misfits.length === mostMisfits) break
      const misfit = misfitOf(key, position)
      if (misfit) misfits.push(misfit)
    }
    return misfits
  }
}
