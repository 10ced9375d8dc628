/** The type bytes of BSON (bsonspec.org). */
export const BsonType = {
  double: 0x01,
  string: 0x02,
  object: 0x03,
  array: 0x04,
  binary: 0x05,
  undefined: 0x06,
  objectId: 0x07,
  boolean: 0x08,
  date: 0x09,
  null: 0x0a,
  regex: 0x0b,
  dbPointer: 0x0c,
  code: 0x0d,
  symbol: 0x0e,
  codeWithScope: 0x0f,
  int32: 0x10,
  timestamp: 0x11,
  int64: 0x12,
  decimal128: 0x13,
  maxKey: 0x7f,
  minKey: 0xff,
} as const

/** The types by the names that MongoDB's language and messages have for them. */
export const typesByName: ReadonlyMap<string, number> = new Map([
  ['double', BsonType.double],
  ['string', BsonType.string],
  ['object', BsonType.object],
  ['array', BsonType.array],
  ['binData', BsonType.binary],
  ['undefined', BsonType.undefined],
  ['objectId', BsonType.objectId],
  ['bool', BsonType.boolean],
  ['date', BsonType.date],
  ['null', BsonType.null],
  ['regex', BsonType.regex],
  ['dbPointer', BsonType.dbPointer],
  ['javascript', BsonType.code],
  ['symbol', BsonType.symbol],
  ['javascriptWithScope', BsonType.codeWithScope],
  ['int', BsonType.int32],
  ['timestamp', BsonType.timestamp],
  ['long', BsonType.int64],
  ['decimal', BsonType.decimal128],
  ['minKey', BsonType.minKey],
  ['maxKey', BsonType.maxKey],
])

const names = new Map([...typesByName].map(([name, type]) => [type, name]))

export function typeNameOf(type: number): string {
  return names.get(type) ?? String(type)
}

/** One BSON document as bytes, exactly as long as it says. Documents stay bytes until something must look inside. */
export type RawDocument = Buffer

/** A value inside of someone's BSON bytes. */
export interface RawValue {
  readonly type: number
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}

export function isNumeric(type: number): boolean {
  return (
    type === BsonType.int32 ||
    type === BsonType.double ||
    type === BsonType.int64 ||
    type === BsonType.decimal128
  )
}
