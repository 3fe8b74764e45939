/** fleet.json: which parts a host of a side is made of, and what each costs. */
import { z } from 'zod'
import { readJson } from '../../build/user-file.ts'
import { eachOnce } from '../../workload/each-once.ts'

const wholeFromOne = (description: string) =>
  z.int('expected a whole number of at least 1').min(1).meta({ description })

const part = z
  .strictObject({
    name: z.string().regex(/\S/, 'expected a name').meta({ description: 'as it stands in reports' }),
    price: z
      .number('expected a price an hour, as 0.34')
      .min(0, 'expected a price an hour of at least 0')
      .meta({ description: 'of one such part, an hour' }),
    each: wholeFromOne('how many hosts share one such part; absent: 1').optional(),
    count: wholeFromOne('so many such parts, however many hosts there are').optional(),
  })
  .check(({ value, issues }) => {
    if (value.each !== undefined && value.count !== undefined)
      issues.push({
        code: 'custom',
        path: ['count'],
        input: value.count,
        message: 'expected either each or count: a part is shared by some hosts, or there whatever the hosts',
      })
  })
  .meta({ description: 'what a host needs, or shares with others' })

const parts = z
  .array(part)
  .nonempty('expected at least one part')
  .check(eachOnce('expected a name that no other part of this side has', ({ name }) => name, 'name'))

const side = z
  .strictObject({ parts: parts.meta({ description: 'together they are a host' }) })
  .meta({ description: 'what a host of this side is made of' })

const form = {
  $schema: z.string().optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'expected the code of a currency (ISO 4217), as USD')
    .meta({ description: 'code of the currency of all prices (ISO 4217), as USD' })
    .optional(),
}

/** As editors know it: of any workload. */
export const fleetSchema = z
  .strictObject({
    ...form,
    sides: z.record(z.string(), side).meta({ description: 'by the name of a side' }),
  })
  .meta({ description: 'what hosts are made of, and what each part costs an hour' })

export type Part = z.infer<typeof part>
export type Fleet = z.infer<typeof fleetSchema>

/** A side that the file leaves out has no price. */
const schemaFor = (sides: readonly string[]) =>
  z.strictObject({
    ...form,
    sides: z.strictObject(Object.fromEntries(sides.map((name) => [name, side.optional()]))),
  })

/**
 * @param sides names of the workload's sides, as declared
 * @throws {BadInput} naming file, path and value
 */
export async function readFleet(file: string, sides: readonly string[]): Promise<Fleet> {
  const fleet = await readJson(schemaFor(sides), {
    file,
    most: 1e6,
    hint:
      'Give a file with --fleet, or correct this one; docs/capacity.md lists its keys. ' +
      `The workload's ${sides.length === 1 ? 'side is' : 'sides are'} ${sides.join(', ')}`,
  })
  return fleet as Fleet
}

/** Without a file a host of any side is the machine that was measured. @param price an hour */
export const fleetOfOnePrice = (price: number, sides: readonly string[]): Fleet => ({
  sides: Object.fromEntries(sides.map((name) => [name, { parts: [{ name: 'host', price }] }])),
})

/** How many of a part so many hosts need. */
export const partsFor = ({ each = 1, count }: Part, hosts: number): number => count ?? Math.ceil(hosts / each)
