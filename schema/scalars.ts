import { GraphQLError, GraphQLScalarType, Kind } from 'graphql'
import type { ValueNode } from 'graphql'
import { CurrencyCode as Currency } from '../domain/money.ts'
import { badInput } from './errors.ts'
import { Moment } from './moment.ts'
import { naming } from './named.ts'

/**
 * An integer of any size on the way in: whether it is in range is a rule of the business, with a typed answer,
 * and only what is no integer at all is malformed.
 */
const integer = (value: unknown): number => {
  if (typeof value === 'number' && Number.isInteger(value)) return value
  throw badInput('MinorUnits must be an integer number of minor units, such as 999 for 9.99 EUR.')
}

const currency = (value: unknown): string => {
  const parsed = Currency.safeParse(value)
  if (parsed.success) return parsed.data
  throw badInput('CurrencyCode must be an ISO 4217 currency code such as EUR.')
}

/** A literal in the document; what is wrong with it is said at its place, and names the field. */
const literal =
  <T>(parse: (value: unknown) => T, valueOf: (node: ValueNode) => unknown) =>
  (node: ValueNode): T => {
    try {
      return parse(valueOf(node))
    } catch (fault) {
      if (!(fault instanceof GraphQLError)) throw fault
      const { message, extensions } = fault
      throw new GraphQLError(naming(node, message), { nodes: node, extensions })
    }
  }

const textOf = (node: ValueNode) => (node.kind === Kind.STRING ? node.value : undefined)

export const MinorUnits = new GraphQLScalarType<number, number>({
  name: 'MinorUnits',
  serialize: integer,
  parseValue: integer,
  parseLiteral: literal(integer, (node) => (node.kind === Kind.INT ? Number(node.value) : undefined)),
})

export const CurrencyCode = new GraphQLScalarType<string, string>({
  name: 'CurrencyCode',
  serialize: String,
  parseValue: currency,
  parseLiteral: literal(currency, textOf),
})

const moment = (value: unknown): string => {
  const parsed = Moment.safeParse(value)
  if (parsed.success) return parsed.data
  throw badInput(`DateTime ${parsed.error.issues[0]?.message ?? 'must be a moment'}.`)
}

/** Given out as it stands in the log; taken in any time zone. */
export const DateTime = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  serialize: String,
  parseValue: moment,
  parseLiteral: literal(moment, textOf),
})

const isGivenOut = (name: string) => (): never => {
  throw badInput(`${name} is only given out.`)
}

/** Decimal digits, as the read model has them. */
export const BigMinorUnits = new GraphQLScalarType<never, string>({
  name: 'BigMinorUnits',
  serialize: String,
  parseValue: isGivenOut('BigMinorUnits'),
  parseLiteral: isGivenOut('BigMinorUnits'),
})

export const Count = new GraphQLScalarType<never, number>({
  name: 'Count',
  serialize: integer,
  parseValue: isGivenOut('Count'),
  parseLiteral: isGivenOut('Count'),
})

export const scalars = { MinorUnits, BigMinorUnits, Count, CurrencyCode, DateTime }
