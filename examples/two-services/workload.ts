/** Is the new version of a service faster than the old one, and does it still answer the same? */
import { http, workload } from 'inference-gap'

/** A line of parcels.jsonl. */
interface Parcel {
  country: string
  kilograms: number
}

export default workload<Parcel>({
  name: 'two-services',
  keys: 'parcels.jsonl',
  draw: 'in order',
  answer: 'text',
  sides: [
    // GET, for there is no body; a part of the key stands in the path.
    http({
      name: 'new',
      address: 'NEW_URL',
      path: ({ country, kilograms }) => `ways/${country}?kilograms=${kilograms}`,
      // A secret comes from a variable; the file may be shared.
      headers: { Authorization: { variable: 'NEW_TOKEN', prefix: 'Bearer ' } },
      answerAs: 'text',
    }),
    // POST, for there is a body: JSON, as the answer.
    http({
      name: 'old',
      address: 'OLD_URL',
      body: (parcel) => parcel,
      value: (answer: { way: string }) => answer.way,
    }),
  ],
})
