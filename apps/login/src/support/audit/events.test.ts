import { readFile } from 'node:fs/promises';
import { glob } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { AUDIT_ACTIONS, AUDIT_EVENTS, resultOf } from './events.ts';

const SOURCE = fileURLToPath(new URL('../..', import.meta.url));

/** The texts of every file that writes events, without comments. */
async function writers(): Promise<string[]> {
  const texts: string[] = [];
  for await (const name of glob('**/*.{ts,tsx}', { cwd: SOURCE })) {
    if (/\.test\.tsx?$/.test(name) || name.startsWith('support/audit/record')) continue;
    const text = await readFile(`${SOURCE}/${name}`, 'utf8');
    if (/\b(recordEvent|eventStatement)\(/.test(text))
      texts.push(text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ''));
  }
  return texts;
}

describe('R27: the list of audit events', () => {
  it('has no event that nobody writes, and the compiler refuses any that is not in it', async () => {
    const texts = (await writers()).join('\n');
    expect(AUDIT_ACTIONS.filter((action) => !texts.includes(`'${action}'`))).toEqual([]);
    // Whoever writes past `recordEvent` writes what no compiler looked at.
    for await (const name of glob('**/*.{ts,tsx,sql}', { cwd: SOURCE }))
      if (!/\.test\.tsx?$/.test(name) && name !== 'support/audit/record.ts')
        expect(await readFile(`${SOURCE}/${name}`, 'utf8'), name).not.toMatch(
          /insert into audit_event\b|insertInto\('audit_event'\)/i,
        );
  });

  it('is in past tense, and says of each event how it ended', () => {
    expect(
      AUDIT_ACTIONS.filter((action) => !/^[a-z-]+\.[a-z-]*(ed|sent|in|set|done|undone)$/.test(action)),
    ).toEqual([]);
    expect(AUDIT_ACTIONS.filter((action) => action.endsWith('refused'))).toEqual(
      AUDIT_ACTIONS.filter((action) => AUDIT_EVENTS[action] === 'refused'),
    );
    expect(resultOf('of-a-later-release.happened')).toBe('done');
  });
});
