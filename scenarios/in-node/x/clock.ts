import { world } from '../world.ts'

export const now = () => world.time
export default { now }
