/** Predictions by the microservice: one keep-alive JSON POST a prediction. */

import { checkPythonSettings } from './lib/python.ts'
import { singleIteration, singleOptions } from './lib/single.ts'

checkPythonSettings()

export const options = singleOptions('python')
export default singleIteration('python')
