import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import { z } from 'zod'

/** A JSON schema, as far as our documents use it. */
export interface Schema {
  readonly $ref?: string | undefined
  readonly type?: string | readonly string[] | undefined
  readonly enum?: readonly unknown[] | undefined
  readonly const?: unknown
  readonly format?: string | undefined
  readonly minLength?: number | undefined
  readonly maxLength?: number | undefined
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
  readonly anyOf?: readonly Schema[] | undefined
  readonly items?: Schema | undefined
  readonly properties?: Readonly<Record<string, Schema>> | undefined
  readonly required?: readonly string[] | undefined
}

const Schema: z.ZodType<Schema> = z.lazy(() =>
  z.looseObject({
    $ref: z.string().optional(),
    type: z.union([z.string(), z.array(z.string())]).optional(),
    enum: z.array(z.unknown()).optional(),
    format: z.string().optional(),
    minLength: z.number().optional(),
    maxLength: z.number().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    anyOf: z.array(Schema).optional(),
    items: Schema.optional(),
    properties: z.record(z.string(), Schema).optional(),
    required: z.array(z.string()).optional(),
  }),
)

const Media = z.record(z.string(), z.object({ schema: Schema, example: z.unknown().optional() }))
const Parameter = z.object({
  in: z.enum(['query', 'path', 'header']),
  name: z.string(),
  required: z.boolean().default(false),
  description: z.string(),
  schema: Schema,
})
const Operation = z.looseObject({
  operationId: z.string(),
  summary: z.string().min(1),
  description: z.string().min(1),
  tags: z.array(z.string()).min(1),
  parameters: z.array(Parameter).default([]),
  requestBody: z.object({ required: z.boolean().default(false), content: Media }).optional(),
  responses: z.record(
    z.string(),
    z.object({
      description: z.string().min(1),
      headers: z.record(z.string(), z.unknown()).optional(),
      content: Media,
    }),
  ),
  security: z.array(z.unknown()).optional(),
})
export type Operation = z.infer<typeof Operation>

/** An OpenAPI document, as strictly as we want ours to be: nothing in it is without its words. */
export const OpenApi = z.looseObject({
  openapi: z.string().startsWith('3.1'),
  paths: z.record(z.string(), z.record(z.enum(['get', 'post']), Operation.optional())),
  components: z.object({
    schemas: z.record(z.string(), Schema),
    securitySchemes: z.record(z.string(), z.unknown()),
  }),
})
export type OpenApi = z.infer<typeof OpenApi>

export interface Documented extends Operation {
  readonly method: string
  readonly path: string
}

/** Its operations, with where they are. */
export const operationsOf = ({ paths }: OpenApi): readonly Documented[] =>
  Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, operation]) =>
      operation ? [{ ...operation, method: method.toUpperCase(), path }] : [],
    ),
  )

/** What is wrong with a value by a schema; null if it is as the schema says. */
export type Check = (schema: Schema, value: unknown) => string | null

/** Checks values against the schemas of a document. */
export const checkerOf = (document: OpenApi): Check => {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  ajvFormats.default(ajv)
  ajv.addSchema({ $id: 'document', ...document })
  const compiled = new Map<Schema, ReturnType<typeof ajv.compile>>()
  return (schema, value) => {
    const check = compiled.get(schema) ?? ajv.compile(within(schema))
    compiled.set(schema, check)
    return check(value) ? null : ajv.errorsText(check.errors)
  }
}

/** A schema whose references lead into the document. */
const within = (schema: Schema): object =>
  z
    .looseObject({})
    .parse(JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"document#/components')))
