/** Predictions by the microservice: one keep-alive JSON POST a prediction. */
import { single } from './lib/single.ts'

const { options, iteration } = single('python')

export { iteration as default, options }
