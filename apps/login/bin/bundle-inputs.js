// What a bundle was made of, so that a start can see in some milliseconds whether one is still good. A file counts as changed when its size or the moment of its last change of any
// kind is another one: unlike the time of its content, which npm sets to the same day for every package, that moment cannot be kept.
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The bundle. */
export const BUNDLE = fileURLToPath(new URL('../dist/main.js', import.meta.url));
/** Where its inputs are noted. */
export const INPUTS = fileURLToPath(new URL('../dist/inputs.json', import.meta.url));

/**
 * The note for these files, as JSON text.
 * @param {readonly string[]} files paths from the working directory
 */
export function noteOf(files) {
  return JSON.stringify(files.map((file) => [resolve(file), ...stateOf(resolve(file))]));
}

/** Whether the bundle is there and every file that it was made of is as it was then. */
export function isBundleGood() {
  try {
    statSync(BUNDLE);
    /** @type {readonly [file: string, size: number, changed: number][]} */
    const inputs = JSON.parse(readFileSync(INPUTS, 'utf8'));
    return inputs.every(([file, size, changed]) => {
      const [sizeNow, changedNow] = stateOf(file);
      return sizeNow === size && changedNow === changed;
    });
  } catch {
    return false;
  }
}

/**
 * @param {string} file
 * @returns {[size: number, changed: number]}
 */
function stateOf(file) {
  const { size, ctimeMs } = statSync(file);
  return [size, ctimeMs];
}
