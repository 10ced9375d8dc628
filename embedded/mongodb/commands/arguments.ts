import { nested, toFields, toValue, type Fields } from '../bson/codec.ts'
import { ElementReader } from '../bson/element-reader.ts'
import { BsonType, isNumeric, typeNameOf, type RawDocument, type RawValue } from '../bson/types.ts'
import { MongoError } from '../errors.ts'
import { emptyDocument } from '../bson/document.ts'
import { integerOf, numberOf, textOf } from '../bson/values.ts'

const noSequences: ReadonlyMap<string, readonly RawDocument[]> = new Map()

/**
 * The fields of a command (or of one operation in it), read by name and checked for their type. Documents stay bytes.
 * With `known`, any other field is refused; `alias` is how the command was spelt.
 */
export class Arguments {
  readonly #fields = new Map<string, RawValue>()
  readonly #sequences: ReadonlyMap<string, readonly RawDocument[]>
  readonly #command: string
  /** The document that the fields are from. */
  readonly body: RawDocument

  constructor(
    command: string,
    body: RawDocument,
    sequences: ReadonlyMap<string, readonly RawDocument[]> = noSequences,
    known?: ReadonlySet<string>,
    alias = command,
  ) {
    this.#command = command
    this.body = body
    this.#sequences = sequences
    const reader = new ElementReader(body)
    while (reader.next()) {
      const sent = reader.name()
      const name = sent === alias ? command : sent
      if (known && !known.has(name))
        throw new MongoError('IDLUnknownField', `BSON field '${command}.${name}' is an unknown field.`)
      if (this.#fields.has(name) || sequences.has(name))
        throw new MongoError('Location40413', `BSON field '${command}.${name}' is a duplicate field`)
      this.#fields.set(name, reader.value())
    }
  }

  /** The name of the first field: of a command, which one it is. */
  static commandOf(body: RawDocument): string {
    const reader = new ElementReader(body)
    return reader.next() ? reader.name() : ''
  }

  get names(): Iterable<string> {
    return this.#fields.keys()
  }

  has(name: string): boolean {
    return this.#fields.has(name)
  }

  raw(name: string): RawValue | undefined {
    return this.#fields.get(name)
  }

  existing(name: string): RawValue {
    return this.#fields.get(name) ?? this.#absent(name)
  }

  value(name: string): unknown {
    const value = this.#fields.get(name)
    return value && toValue(value)
  }

  /** The collection that a command names in its first field. */
  collection(): string {
    const value = this.#fields.get(this.#command)
    if (value?.type === BsonType.string) return textOf(value)
    throw new MongoError(
      'InvalidNamespace',
      `collection name has invalid type ${typeNameOf(value?.type ?? BsonType.null)}`,
    )
  }

  string(name: string): string {
    return this.optionalString(name) ?? this.#absent(name)
  }

  optionalString(name: string): string | undefined {
    const value = this.#fields.get(name)
    if (value === undefined) return undefined
    if (value.type !== BsonType.string) throw this.#wrongType(name, value, 'string')
    return textOf(value)
  }

  boolean(name: string, otherwise: boolean): boolean {
    const value = this.#fields.get(name)
    if (value === undefined || value.type === BsonType.null) return otherwise
    if (value.type === BsonType.boolean) return value.bytes[value.start] === 1
    if (isNumeric(value.type)) return numberOf(value) !== 0
    throw new MongoError(
      'TypeMismatch',
      `BSON field '${this.#command}.${name}' is the wrong type '${typeNameOf(value.type)}', expected types '[bool, long, int, decimal, double]'`,
    )
  }

  optionalNumber(name: string): number | undefined {
    const value = this.#fields.get(name)
    if (value === undefined || value.type === BsonType.null) return undefined
    if (!isNumeric(value.type)) throw this.#wrongType(name, value, 'number')
    return numberOf(value)
  }

  number(name: string): number {
    return this.optionalNumber(name) ?? this.#absent(name)
  }

  /** A count that may be absent; negative numbers are refused the way the server does. */
  count(name: string): number | undefined {
    const value = this.optionalNumber(name)
    if (value !== undefined && value < 0)
      throw new MongoError(
        'Location51024',
        `BSON field '${name}' value must be >= 0, actual value '${value}'`,
      )
    return value === undefined ? undefined : Math.trunc(value)
  }

  int64(name: string): bigint {
    const value = this.#fields.get(name) ?? this.#absent(name)
    return this.#int64(name, value)
  }

  int64s(name: string): bigint[] {
    return this.#elements(name).map((value) => this.#int64(name, value))
  }

  strings(name: string): string[] {
    return this.#elements(name).map((value) => {
      if (value.type !== BsonType.string) throw this.#wrongType(name, value, 'string')
      return textOf(value)
    })
  }

  optionalDocument(name: string): RawDocument | undefined {
    const value = this.#fields.get(name)
    if (value === undefined || value.type === BsonType.null) return undefined
    if (value.type !== BsonType.object) throw this.#wrongType(name, value, 'object')
    return nested(value)
  }

  document(name: string): RawDocument {
    return this.optionalDocument(name) ?? this.#absent(name)
  }

  filter(name: string): RawDocument {
    return this.optionalDocument(name) ?? emptyDocument
  }

  /** Only the plain order of bytes is known here; another one must be refused, or answers would be wrong. */
  refuseCollation(): void {
    const locale = this.optionalFields('collation')?.['locale'] ?? 'simple'
    if (locale !== 'simple')
      throw new MongoError('BadValue', `collation is not supported: ${JSON.stringify(locale)}`)
  }

  /** A document of further arguments. */
  nested(name: string): Arguments | undefined {
    const document = this.optionalDocument(name)
    return document && new Arguments(`${this.#command}.${name}`, document)
  }

  optionalFields(name: string): Fields | undefined {
    const document = this.optionalDocument(name)
    return document && toFields(document)
  }

  /** A list of documents, whether it came inside the command or beside it. */
  documents(name: string): readonly RawDocument[] {
    const beside = this.#sequences.get(name)
    if (beside) return beside
    return this.#elements(name).map((value) => {
      if (value.type !== BsonType.object) throw this.#wrongType(name, value, 'object')
      return nested(value)
    })
  }

  optionalDocuments(name: string): readonly RawDocument[] {
    return this.has(name) || this.#sequences.has(name) ? this.documents(name) : []
  }

  #elements(name: string): RawValue[] {
    const value = this.#fields.get(name) ?? this.#absent(name)
    if (value.type !== BsonType.array) throw this.#wrongType(name, value, 'array')
    const values: RawValue[] = []
    const reader = new ElementReader(value.bytes, value.start)
    while (reader.next()) values.push(reader.value())
    return values
  }

  #int64(name: string, value: RawValue): bigint {
    if (value.type === BsonType.int64) return integerOf(value)
    if (!isNumeric(value.type)) throw this.#wrongType(name, value, 'long')
    return BigInt(Math.trunc(numberOf(value)))
  }

  #absent(name: string): never {
    throw new MongoError(
      'IDLFailedToParse',
      `BSON field '${this.#command}.${name}' is missing but a required field`,
    )
  }

  #wrongType(name: string, { type }: RawValue, expected: string): MongoError {
    return new MongoError(
      'TypeMismatch',
      `BSON field '${this.#command}.${name}' is the wrong type '${typeNameOf(type)}', expected type '${expected}'`,
    )
  }
}
