/**
 * The header by which the distribution proves that a request came through it; its value is the current key
 * of secret `originKeys`. CloudFront overwrites what a viewer sends under this name.
 */
export const ORIGIN_KEY_HEADER = 'x-onsale-origin';
