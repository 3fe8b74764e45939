import { world } from '../world.ts'

export const now = () => world.time
/** The zero is that of 1970. */
export const origin = () => 0
export default { now, origin }
