import { defineTexts } from '#support/primitives/locale.ts';

/** What the states of a key are called. */
export const KEY_STATES = defineTexts({
  ja: { next: '公開済み（使用前）', 'in-use': '使用中', kept: '検証用に公開', ended: '終了' },
  en: {
    next: 'Published, not used yet',
    'in-use': 'In use',
    kept: 'Published for verification',
    ended: 'Ended',
  },
});
