import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { chromium, type Browser } from '@playwright/test';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-zygote',
  '--disable-quic',
  '--disable-component-update',
  '--disable-background-networking',
  '--disable-domain-reliability',
  '--no-pings',
];

/** Starts the Chromium that comes with the development packages, with a font that has Japanese; CHROMIUM_PATH names another one to use. */
export async function launchChromium(): Promise<Browser> {
  const given = process.env.CHROMIUM_PATH;
  const folder = await unpacked();
  const fonts = { FONTCONFIG_PATH: folder, FONTCONFIG_FILE: join(folder, 'fonts.conf') };
  return chromium.launch({
    executablePath: given ?? join(folder, 'chromium'),
    env: {
      ...ownEnvironment(),
      ...fonts,
      ...(given ? {} : { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib') }),
    },
    args: ARGUMENTS,
  });
}

/**
 * Unpacks once a version and a user, beside the final place and then renamed: whoever starts at the same time finds a whole browser
 * or makes one of their own that is thrown away.
 */
async function unpacked(): Promise<string> {
  const { path: packageFile, version } = await packageOf('@sparticuz/chromium');
  const font = await packageOf('@expo-google-fonts/biz-udpgothic');
  const folder = join(tmpdir(), `hitokagi-chromium-${version}-${font.version}-${userInfo().username}`);
  if (existsSync(folder)) return folder;
  const unfinished = await mkdtemp(`${folder}-`);
  await mkdir(join(unfinished, 'cache'));
  // The font is copied: another checkout may use this folder when the one that made it is gone.
  for (const weight of ['400Regular', '700Bold'])
    await cp(join(font.path, weight), join(unfinished, 'japanese', weight), { recursive: true });
  await writeFile(join(unfinished, 'fonts.conf'), fontConfiguration(folder));
  if (!process.env.CHROMIUM_PATH) await unpackInto(unfinished);
  await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true, force: true }));
  if (!existsSync(folder)) throw new Error(`Chromium of ${packageFile} could not be unpacked to ${folder}.`);
  return folder;
}

/** The package unpacks to fixed names in the temporary folder and brings the libraries that a bare machine lacks only where it believes itself in Lambda. */
async function unpackInto(folder: string): Promise<void> {
  const { TMPDIR, AWS_LAMBDA_JS_RUNTIME, LD_LIBRARY_PATH } = process.env;
  Object.assign(process.env, { TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: 'nodejs22.x' });
  try {
    const { default: packaged } = await import('@sparticuz/chromium');
    await packaged.executablePath();
  } finally {
    for (const [name, value] of Object.entries({ TMPDIR, AWS_LAMBDA_JS_RUNTIME, LD_LIBRARY_PATH }))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  }
}

async function packageOf(name: string): Promise<{ path: string; version: string }> {
  const require = createRequire(import.meta.url);
  const found = [`${name}/package.json`, name]
    .map((id) => tryResolve(require, id))
    .find((path) => path !== undefined);
  if (found === undefined) throw new Error(`${name} is not installed.`);
  let path = dirname(found);
  while (!existsSync(join(path, 'package.json'))) path = dirname(path);
  const { version } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8')) as { version: string };
  return { path, version };
}

function tryResolve(require: NodeJS.Require, id: string): string | undefined {
  try {
    return require.resolve(id);
  } catch {
    return undefined;
  }
}

/** Without a Japanese font in it Japanese text is invisible, and `document.fonts.check()` says that all is well. */
function fontConfiguration(folder: string): string {
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>${join(folder, 'japanese')}</dir><dir>/usr/share/fonts</dir><cachedir>${join(folder, 'cache')}</cachedir>
<alias><family>sans-serif</family><prefer><family>BIZ UDPGothic</family></prefer></alias></fontconfig>
`;
}

function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
