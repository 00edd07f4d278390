import { z } from "zod";

export type CheckImage = { readonly alt: string; readonly image_url: string; readonly caption?: string | undefined };

/** A remark on lines of a file. */
export const CheckAnnotation = z.object({
  path: z.string().min(1),
  start_line: z.int().min(1),
  end_line: z.int().min(1),
  annotation_level: z.enum(["notice", "warning", "failure"]),
  message: z.string().max(65_536),
  title: z.string().max(255).optional(),
});
export type CheckAnnotation = z.infer<typeof CheckAnnotation>;

/** GitHub takes no more in one request. */
export const MOST_ANNOTATIONS = 50;

export type CheckOutput = {
  readonly title: string | null;
  readonly summary: string | null;
  readonly text: string | null;
  /** Shown below, and told by no route. */
  readonly images: readonly CheckImage[];
  /** What is told once stays, and what is told later comes besides. */
  readonly annotations: readonly CheckAnnotation[];
};
