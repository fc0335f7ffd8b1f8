/** The JSON at `url`, in the shape that the caller expects of it. */
export async function getJson<Shape>(url: string, init: RequestInit = {}): Promise<Shape> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  const shape: Shape = JSON.parse(text);
  return shape;
}
