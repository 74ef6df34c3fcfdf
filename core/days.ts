const DAY = 86_400_000;

/** Whole days until a moment; negative once it has passed. @param moment RFC 3339 */
export const daysLeft = (moment: string, now: Date): number => Math.floor((Date.parse(moment) - now.getTime()) / DAY);
