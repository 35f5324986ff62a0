import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launchChromium } from '../../../../test-support/chromium.ts';
import { gallery } from './gallery.tsx';
import { serveGallery } from './server.ts';

// Takes pictures of the sample pages: node --import tsx packages/design-system/src/gallery/shoot.ts FOLDER [name,name] [widths] [langs] [schemes]
const [
  folder = '.data/gallery',
  names = Object.keys(gallery).join(),
  widths = '320,768,1280',
  langs = 'ja,en',
  schemes = 'light,dark',
] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const server = await serveGallery();
const browser = await launchChromium();
try {
  for (const scheme of schemes.split(',') as ('light' | 'dark')[]) {
    for (const width of widths.split(',').map(Number)) {
      const page = await browser.newPage({
        viewport: { width, height: width < 700 ? 640 : 800 },
        colorScheme: scheme,
        reducedMotion: 'reduce',
      });
      for (const name of names.split(',')) {
        for (const lang of langs.split(',')) {
          await page.goto(`${server.url}/${name}.${lang}`);
          await page.screenshot({
            path: join(folder, `${name}.${lang}.${width}.${scheme}.png`),
            fullPage: true,
          });
        }
      }
      await page.close();
    }
  }
} finally {
  await browser.close();
  await server.close();
}
