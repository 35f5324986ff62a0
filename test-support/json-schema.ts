import { createRequire } from 'node:module';

type Validate = { (value: unknown): boolean; errors?: readonly { instancePath: string; message?: string }[] };
type Ajv = { addSchema(schema: object, key: string): void; compile(schema: object): Validate };

const inRoot = createRequire(import.meta.url);
// The validator that fastify brings along: JSON Schema 2020-12, which OpenAPI 3.1 is written in.
const { default: Ajv2020 } = createRequire(inRoot.resolve('@fastify/ajv-compiler'))('ajv/dist/2020.js') as {
  default: new (options: object) => Ajv;
};

/**
 * Validates values against schemas of an OpenAPI 3.1 document, references included.
 * Returns what is wrong, one line each; nothing when the value is as described.
 */
export function schemaValidator(document: {
  components: object;
}): (schema: object, value: unknown) => readonly string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ $id: 'http://document.example/', components: document.components }, 'document');
  const known = new Map<string, Validate>();
  return (schema, value) => {
    const text = JSON.stringify(schema).replaceAll(
      '"#/components/',
      '"http://document.example/#/components/',
    );
    let validate = known.get(text);
    if (!validate) known.set(text, (validate = ajv.compile(JSON.parse(text) as object)));
    if (validate(value)) return [];
    return (validate.errors ?? []).map((error) => `${error.instancePath || '/'} ${error.message ?? ''}`);
  };
}
