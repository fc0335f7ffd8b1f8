export { openBrowser } from '../../scripts/docs/browser.ts';
