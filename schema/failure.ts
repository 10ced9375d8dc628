import { sentenceOf } from '../domain/reason.ts'

export const failureResolvers = { OrderFailure: { message: sentenceOf } }
