/** A server of known capacity, asked over HTTP. */
import { http, workload } from 'inference-gap'

export default workload<number>({
  name: 'known-capacity',
  keys: 'keys.json',
  compare: false,
  sides: [
    http({ name: 'known', address: 'KNOWN_URL', body: (key) => [key], value: ([value]: [number]) => value }),
  ],
})
