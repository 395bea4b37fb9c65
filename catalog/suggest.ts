/** Number of single-character edits (insert, delete, replace, swap of neighbours) between two words. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (last[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      let best = Math.min(replaced, (last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}

/** Beyond this length a word is no misspelling of anything that we know, and comparing it costs time. */
const longestWord = 100;

/**
 * The known word that someone most probably meant, if any is near: at most a third of its letters differ,
 * case aside, or one of the two begins or ends the other ("4090" for "RTX-4090").
 */
export function nearest(written: string, known: readonly string[]): string | undefined {
  if (written.length === 0 || written.length > longestWord) return undefined;
  const word = written.toLowerCase();
  let best: { word: string; distance: number } | undefined;
  for (const candidate of known) {
    // Of two equally near words, the one that was only not finished.
    const unfinished = candidate.toLowerCase().startsWith(word) ? 0.5 : 0;
    const distance = editDistance(word, candidate.toLowerCase()) - unfinished;
    if (best === undefined || distance < best.distance) best = { word: candidate, distance };
  }
  if (best !== undefined && best.distance <= Math.max(1, Math.floor(best.word.length / 3))) return best.word;
  if (word.length < 3) return undefined;
  const related = (candidate: string): boolean =>
    candidate.endsWith(word) || candidate.startsWith(word) || word.startsWith(candidate);
  return known.find((candidate) => related(candidate.toLowerCase()));
}

/** What to write instead: the nearest known word, or what there is to choose from. */
export function suggestion(written: string, known: readonly string[]): string {
  const meant = nearest(written, known);
  if (meant !== undefined) return `Did you mean ${JSON.stringify(meant)}?`;
  if (known.length === 0) return "There is nothing of this kind to choose from yet.";
  const shown = known.slice(0, 12).join(", ");
  return known.length > 12 ? `Known are: ${shown} and ${known.length - 12} more.` : `Known are: ${shown}.`;
}
