import { elementsOf } from '../../bson/codec.ts'
import { BsonType, isNumeric, typeNameOf, type RawValue } from '../../bson/types.ts'
import { numberOf } from '../../bson/values.ts'
import { MongoError } from '../../errors.ts'
import { equalValues } from '../compare.ts'
import { encodeValue } from '../keys/encode.ts'
import { isOperators, elementTest, plainCondition, type CompileDocument } from '../match/operators.ts'
import type { FieldOperator } from './fields.ts'
import { arrayAt, named } from './modifier.ts'
import { pushing } from './push.ts'
import { eachOf } from './each.ts'
import { ArrayNode } from './tree.ts'

const addToSet: FieldOperator = (_, operand) => {
  const values = valuesToAdd(operand)
  return {
    creates: true,
    apply: (parent, name) => {
      const old = arrayAt(
        parent,
        name,
        ({ type }) =>
          new MongoError(
            'BadValue',
            `Cannot apply $addToSet to non-array field. Field named '${name}' has non-array type ${typeNameOf(type)}`,
          ),
      )
      const items = old ? elementsOf(old) : []
      const there = new Set(items.map(keyOf))
      const fresh = values.filter((value) => {
        const key = keyOf(value)
        return !there.has(key) && there.add(key)
      })
      if (old === undefined || fresh.length > 0) parent.set(name, new ArrayNode([...items, ...fresh]))
    },
  }
}

function valuesToAdd(operand: RawValue): RawValue[] {
  const each = eachOf(operand)
  if (each === undefined) return [operand]
  const [values, ...others] = each
  if (others.length > 0 || values?.name !== '$each')
    throw new MongoError(
      'BadValue',
      `Found unexpected fields after $each in $addToSet: ${others.map(({ name }) => name).join()}`,
    )
  if (values.value.type !== BsonType.array)
    throw new MongoError(
      'TypeMismatch',
      `The argument to $each in $addToSet must be an array but it was of type ${typeNameOf(values.value.type)}`,
    )
  return elementsOf(values.value)
}

function pull(compile: CompileDocument): FieldOperator {
  return (_, operand) => {
    const goes = pulled(operand, compile)
    return { creates: false, apply: (parent, name) => without(parent, name, goes) }
  }
}

/** What `$pull` takes out: elements that are equal, found by a pattern or operators, or documents that match. */
function pulled(operand: RawValue, compile: CompileDocument): (element: RawValue) => boolean {
  if (operand.type !== BsonType.object) {
    const condition = operand.type === BsonType.array ? undefined : plainCondition(operand)
    return (element) => (condition ? condition.of(element) : equalValues(element, operand))
  }
  const test = elementTest(operand, compile)
  if (isOperators(operand)) return test
  return (element) => element.type === BsonType.object && test(element)
}

const pullAll: FieldOperator = (_, operand) => {
  if (operand.type !== BsonType.array)
    throw new MongoError(
      'BadValue',
      `$pullAll requires an array argument but was given a ${typeNameOf(operand.type)}`,
    )
  const keys = new Set(elementsOf(operand).map(keyOf))
  return {
    creates: false,
    apply: (parent, name) => without(parent, name, (element) => keys.has(keyOf(element))),
  }
}

function without(
  parent: Parameters<ReturnType<FieldOperator>['apply']>[0],
  name: string,
  goes: (element: RawValue) => boolean,
): void {
  const old = arrayAt(
    parent,
    name,
    () => new MongoError('BadValue', 'Cannot apply $pull to a non-array value'),
  )
  if (old === undefined) return
  const items = elementsOf(old)
  const left = items.filter((element) => !goes(element))
  if (left.length < items.length) parent.set(name, new ArrayNode(left))
}

const pop: FieldOperator = (path, operand) => {
  const end = isNumeric(operand.type) ? numberOf(operand) : NaN
  if (Number.isNaN(end)) throw new MongoError('FailedToParse', `Expected a number in: ${path}: not a number`)
  if (end !== 1 && end !== -1) throw new MongoError('FailedToParse', `$pop expects 1 or -1, found: ${end}`)
  return {
    creates: false,
    apply: (parent, name) => {
      const old = arrayAt(
        parent,
        name,
        ({ type }) =>
          new MongoError(
            'TypeMismatch',
            `Path '${path}' contains an element of non-array type '${typeNameOf(type)}'`,
          ),
      )
      const items = old ? elementsOf(old) : []
      if (items.length > 0) parent.set(name, new ArrayNode(end === 1 ? items.slice(0, -1) : items.slice(1)))
    },
  }
}

function push(path: string, operand: RawValue): ReturnType<FieldOperator> {
  const change = pushing(operand)
  return {
    creates: true,
    apply: (parent, name, subject) => {
      const old = arrayAt(
        parent,
        name,
        ({ type }) =>
          new MongoError(
            'BadValue',
            `The field '${path}' must be an array but is of type ${typeNameOf(type)} in document ${named(subject)}`,
          ),
      )
      parent.set(name, new ArrayNode(change(old ? elementsOf(old) : [])))
    },
  }
}

/** The operators on arrays. */
export function arrayOperators(compile: CompileDocument): Readonly<Record<string, FieldOperator>> {
  return { $push: push, $addToSet: addToSet, $pull: pull(compile), $pullAll: pullAll, $pop: pop }
}

function keyOf(value: RawValue): string {
  return encodeValue(value).toString('latin1')
}
