import { httpFunction } from '../../shared/runtime/http.ts';
import { servedPages } from '../serve-pages.ts';

export const handler = httpFunction({}, servedPages);
