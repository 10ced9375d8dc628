import { ElementReader } from './element-reader.ts'
import { toValue } from './codec.ts'
import { BsonType, type RawValue } from './types.ts'
import { integerOf, textOf } from './values.ts'

/** A value as MongoDB's messages write it. */
export function show(value: RawValue): string {
  switch (value.type) {
    case BsonType.string:
    case BsonType.symbol:
      return JSON.stringify(textOf(value))
    case BsonType.object:
      return braced(
        fieldsOf(value).map(([name, text]) => `${name}: ${text}`),
        '{',
        '}',
      )
    case BsonType.array:
      return braced(
        fieldsOf(value).map(([, text]) => text),
        '[',
        ']',
      )
    case BsonType.int32:
    case BsonType.int64:
      return String(integerOf(value))
    case BsonType.double: {
      const number = value.bytes.readDoubleLE(value.start)
      return Number.isInteger(number) && Math.abs(number) < 1e15
        ? number.toFixed(1)
        : String(number).toLowerCase()
    }
    case BsonType.objectId:
      return `ObjectId('${value.bytes.toString('hex', value.start, value.end)}')`
    case BsonType.date:
      return `new Date(${value.bytes.readBigInt64LE(value.start)})`
    case BsonType.binary:
      return shownBinary(value)
    case BsonType.timestamp:
      return `Timestamp(${value.bytes.readUInt32LE(value.start + 4)}, ${value.bytes.readUInt32LE(value.start)})`
    case BsonType.minKey:
      return 'MinKey'
    case BsonType.maxKey:
      return 'MaxKey'
    case BsonType.null:
      return 'null'
    case BsonType.undefined:
      return 'undefined'
    default:
      return String(toValue(value))
  }
}

function shownBinary({ bytes, start, end }: RawValue): string {
  const subtype = bytes.readUInt8(start + 4)
  const hex = bytes.toString('hex', start + 5, end)
  if (subtype === 4 && hex.length === 32)
    return `UUID("${hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}")`
  return `BinData(${subtype}, ${hex.toUpperCase()})`
}

function fieldsOf({ bytes, start }: RawValue): [name: string, text: string][] {
  const fields: [string, string][] = []
  const reader = new ElementReader(bytes, start)
  while (reader.next()) fields.push([reader.name(), show(reader.value())])
  return fields
}

function braced(parts: readonly string[], open: string, close: string): string {
  return parts.length === 0 ? `${open}${close}` : `${open} ${parts.join(', ')} ${close}`
}
