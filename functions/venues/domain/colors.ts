import type { SeatingPlan } from './plan.ts';

/** For categories without a colour of their own: told apart by colour-blind people too (Okabe and Ito). */
const PALETTE = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#f0e442', '#999999'] as const;

/** The categories of a plan, each with a colour. */
export function colorsOf({ categories }: SeatingPlan): { readonly name: string; readonly color: string }[] {
  return categories.map(({ name, color }, index) => ({
    name,
    color: color ?? PALETTE[index % PALETTE.length] ?? PALETTE[0],
  }));
}
