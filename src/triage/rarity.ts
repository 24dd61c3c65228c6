/** How much it says that `holding` of so many documents hold a thing: the weight of BM25 (Robertson and Walker 1994). */
export function rarity(documents: number, holding: number): number {
  return Math.log(1 + (documents - holding + 0.5) / (holding + 0.5));
}

/** The same, 1 for what one document alone could not say better, towards 0 for what all hold. */
export function rareShare(documents: number, holding: number): number {
  return rarity(documents, holding) / rarity(documents, 0);
}
