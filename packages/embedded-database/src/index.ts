export { openEmbeddedDatabase } from './open.ts';
export type { EmbeddedDatabase, EmbeddedDatabaseOptions } from './open.ts';
export { removeEmbeddedDatabase } from './remove.ts';
export { EmbeddedDatabaseError } from './errors.ts';
export type { EmbeddedDatabaseErrorCode } from './errors.ts';
