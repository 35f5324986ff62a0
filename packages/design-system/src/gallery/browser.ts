import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type Browser } from '@playwright/test';

/** Starts the Chromium that comes with the development packages, with a Japanese font; `CHROMIUM_PATH` overrides it. */
export async function launchBrowser(): Promise<Browser> {
  const { executablePath, env } = await findBrowser();
  return chromium.launch({
    executablePath,
    env,
    args: ['--no-sandbox', '--disable-gpu', '--no-zygote', '--disable-quic', '--disable-component-update'],
  });
}

async function findBrowser() {
  const given = process.env['CHROMIUM_PATH'];
  const folder = join(tmpdir(), 'hitokagi-browser');
  mkdirSync(folder, { recursive: true });
  const fonts = writeFontConfig(folder);
  const own = given === undefined ? await unpack(folder) : { executablePath: given, libraries: '' };
  return {
    executablePath: own.executablePath,
    env: environment({ ...fonts, LD_LIBRARY_PATH: own.libraries }),
  };
}

// The package unpacks to fixed names in the temporary folder and takes whatever lies there, so it gets a folder of its own,
// and one process at a time.
async function unpack(folder: string) {
  const done = join(folder, 'unpacked');
  const lock = join(folder, 'lock');
  while (!existsSync(done)) {
    if (take(lock)) {
      try {
        await unpackInto(folder);
        writeFileSync(done, '');
      } finally {
        rmSync(lock, { recursive: true, force: true });
      }
    } else await sleep(200);
  }
  return { executablePath: join(folder, 'chromium'), libraries: join(folder, 'al2023', 'lib') };
}

async function unpackInto(folder: string) {
  const before = { ...process.env };
  process.env['TMPDIR'] = folder;
  process.env['AWS_LAMBDA_JS_RUNTIME'] = 'nodejs22.x';
  try {
    const { default: packaged } = await import('@sparticuz/chromium');
    await packaged.executablePath();
  } finally {
    process.env = before;
  }
}

function take(lock: string): boolean {
  const abandonedAfter = 120_000;
  try {
    mkdirSync(lock);
    return true;
  } catch {
    if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > abandonedAfter)
      rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function writeFontConfig(folder: string) {
  const fonts = dirname(
    createRequire(import.meta.url).resolve('@expo-google-fonts/biz-udpgothic/package.json'),
  );
  const file = join(folder, 'fonts.conf');
  writeFileSync(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${fonts}</dir><dir>/usr/share/fonts</dir><cachedir>${folder}/cache</cachedir>
<alias><family>sans-serif</family><prefer><family>BIZ UDPGothic</family></prefer></alias></fontconfig>`,
  );
  return { FONTCONFIG_PATH: folder, FONTCONFIG_FILE: file };
}

function environment(added: Record<string, string>): Record<string, string> {
  const own = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { ...Object.fromEntries(own), ...added };
}
