import type { OrderFailure } from '../domain/payment.ts'
import { reasonOf } from './history/reason.ts'

export const failureResolvers = {
  OrderFailure: { message: (failure: OrderFailure) => sentence(reasonOf(failure)) },
}

const sentence = (clause: string): string => `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`
