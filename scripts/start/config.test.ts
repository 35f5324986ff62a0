import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';

describe('what the start is told', () => {
  test('nothing: the public ports and .data', () => {
    expect(readConfig([], {})).toMatchObject({
      ok: true,
      config: { portBase: 4100, dataFolder: resolve('.data'), fresh: false, projectFolder: resolve('.') },
    });
  });

  test('another port base, another data folder, and to begin anew', () => {
    const environment = { HITOKAGI_PORT_BASE: '5100', HITOKAGI_DATA_DIR: '/somewhere/data' };
    expect(readConfig(['--fresh'], environment)).toMatchObject({
      ok: true,
      config: { portBase: 5100, dataFolder: '/somewhere/data', fresh: true, environment },
    });
  });

  test.each(['0', '-1', 'http', '65161', '4100.5', ' 4100'])(
    'the port base "%s" is refused in one sentence',
    (value) => {
      const read = readConfig([], { HITOKAGI_PORT_BASE: value });
      expect(read).toMatchObject({
        ok: false,
        complaint: { en: expect.stringContaining(`(it is "${value}")`) },
      });
    },
  );

  test('an argument that does not exist is refused in one sentence, and --help is not', () => {
    const read = readConfig(['--frehs'], {});
    expect(read).toMatchObject({ ok: false, complaint: { ja: expect.stringContaining('--frehs') } });
    expect(readConfig(['--help'], {})).toEqual({ ok: false, help: true });
  });
});
