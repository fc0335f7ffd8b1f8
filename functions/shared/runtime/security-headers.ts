/** Two years, as browsers' preload list asks for at least one (RFC 6797). */
const HSTS = 'max-age=63072000; includeSubDomains';

/** Nothing that an answer of ours shows may use a device or follow the viewer about. */
const PERMISSIONS = [
  'accelerometer',
  'autoplay',
  'camera',
  'display-capture',
  'encrypted-media',
  'fullscreen',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'picture-in-picture',
  'publickey-credentials-get',
  'screen-wake-lock',
  'usb',
  'web-share',
  'xr-spatial-tracking',
];

/** On every answer, whatever is in it; also what the edge adds to answers that no function has made. */
export const SECURITY_HEADERS = {
  'strict-transport-security': HSTS,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'permissions-policy': PERMISSIONS.map((feature) => `${feature}=()`).join(', '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy':
    "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
} as const;

/** A file is shown alone, if at all: nothing in it may run, load, or act for our origin. */
const FILE_POLICY = `${SECURITY_HEADERS['content-security-policy']}; sandbox`;

/**
 * The security headers of an answer of a media type. Pages bring a policy of their own, as they know what is in them.
 *
 * @param isPublic whether anybody may keep it: then other sites may show it, if it is a picture
 */
export function securityHeadersOf(mediaType: string, isPublic: boolean): Readonly<Record<string, string>> {
  const isPicture = mediaType.startsWith('image/');
  if (!isPicture && !mediaType.startsWith('application/pdf')) return SECURITY_HEADERS;
  return {
    ...SECURITY_HEADERS,
    'content-security-policy': FILE_POLICY,
    ...(isPicture && isPublic ? { 'cross-origin-resource-policy': 'cross-origin' } : {}),
  };
}
