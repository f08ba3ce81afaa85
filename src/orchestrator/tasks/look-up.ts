/** A refusal must not delay the 503 that follows when Redis does not answer. */
const LIMIT_MS = 200;

/** Returns what was asked of Redis before a submission; undefined when no answer comes soon. */
export async function lookUp<T>(asked: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, LIMIT_MS, undefined).unref();
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
