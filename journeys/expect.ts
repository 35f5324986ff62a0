import { expect as withDefaults } from '@playwright/test';

/** Waits for what a page is to show; patient, because other work may share the machine. */
export const expect = withDefaults.configure({ timeout: 15_000 });
